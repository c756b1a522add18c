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
    withSides(options, { portBase: PORT_BASE }, async (now, before) => {
      await sleep(SETTLE_MS);
      const [figures, others] = await Promise.all(
        (before === undefined ? [now] : [now, before]).map(watch),
      );
      return { figures: figures ?? [], ...(others === undefined ? {} : { before: others }) };
    }),
};

async function watch(platform: Platform): Promise<Figure[]> {
  const { pid, postmaster } = platform;
  const before = {
    transactions: await transactions(platform),
    cpuUs: cpuOf(pid),
    dbUs: cpuOf(postmaster),
  };
  await sleep(WATCH_MS);
  const seconds = WATCH_MS / 1_000;
  // Our own look at the counters is one transaction.
  const done = (await transactions(platform)) - before.transactions - 1;
  return [
    { name: 'transactions', unit: '/s', value: done / seconds },
    { name: 'cpu_node', unit: 'ms/s', value: (cpuOf(pid) - before.cpuUs) / 1_000 / seconds },
    {
      name: 'cpu_postgres',
      unit: 'ms/s',
      value: (cpuOf(postmaster) - before.dbUs) / 1_000 / seconds,
    },
    { name: 'resident', unit: 'MB', value: residentMb(pid) },
  ];
}

/** So far. A backend reports up to a second late, which a minute makes little of. */
async function transactions({ owner }: Platform): Promise<number> {
  const { rows } = await owner.query<{ done: string }>(
    `SELECT xact_commit + xact_rollback AS done FROM pg_stat_database
     WHERE datname = current_database()`,
  );
  return Number(rows[0]?.done);
}
