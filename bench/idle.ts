import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Figure } from './bench.ts';
import { cpuOf, residentMb } from './cpu.ts';
import type { Platform } from './platform.ts';
import { withSides } from './sides.ts';

const PORT_BASE = 18_500;
const SETTLE_MS = 15_000;
const WATCH_MS = 60_000;

/** What a platform costs that nobody asks anything. */
export const bench: Bench = {
  name: 'idle',
  what: `Nothing happens for ${WATCH_MS / 1_000} s: statements, processor and memory`,
  run: (options) =>
    withSides(options, { portBase: PORT_BASE, countsStatements: true }, async (now, before) => {
      await sleep(SETTLE_MS);
      const [figures, others] = await Promise.all(
        (before === undefined ? [now] : [now, before]).map(watch),
      );
      return { figures: figures ?? [], ...(others === undefined ? {} : { before: others }) };
    }),
};

async function watch(platform: Platform): Promise<Figure[]> {
  const { pid, postmaster } = platform;
  const before = { ...(await counted(platform)), node: cpuOf(pid), database: cpuOf(postmaster) };
  await sleep(WATCH_MS);
  const after = { ...(await counted(platform)), node: cpuOf(pid), database: cpuOf(postmaster) };
  const perSecond = (name: keyof typeof after) =>
    (after[name] - before[name] - (OWN[name] ?? 0)) / (WATCH_MS / 1_000);
  const figures = [
    { name: 'statements', unit: '/s', value: perSecond('statements') },
    { name: 'transactions', unit: '/s', value: perSecond('transactions') },
    { name: 'cpu_node', unit: 'ms/s', value: perSecond('node') / 1_000 },
    { name: 'cpu_postgres', unit: 'ms/s', value: perSecond('database') / 1_000 },
    { name: 'resident', unit: 'MB', value: residentMb(pid) },
  ];
  return figures.filter(({ value }) => Number.isFinite(value));
}

/** What our own look at the counters adds to them. */
const OWN: Partial<Record<string, number>> = { statements: 2, transactions: 2 };

interface Counted {
  readonly statements: number;
  readonly transactions: number;
}

/** So far; statements where they are counted. A backend reports up to a second late. */
async function counted({ owner }: Platform): Promise<Counted> {
  const { rows } = await owner.query<{ done: string; counts: boolean }>(
    `SELECT xact_commit + xact_rollback AS done,
       to_regclass('pg_stat_statements') IS NOT NULL AS counts
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  const transactions = Number(rows[0]?.done);
  if (rows[0]?.counts !== true) return { transactions, statements: Number.NaN };
  const { rows: sums } = await owner.query<{ calls: string }>(
    'SELECT sum(calls) AS calls FROM pg_stat_statements WHERE toplevel',
  );
  return { transactions, statements: Number(sums[0]?.calls) };
}
