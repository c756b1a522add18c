import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Bench, BenchOptions, Figure } from './bench.ts';
import { cpuOf, postmasterOf } from './cpu.ts';
import { startNullProvider, type NullProvider } from './deliveries/provider.ts';
import { announceLeads, commitLeads, seedClients, type Kind } from './deliveries/seed.ts';
import { startWorker, type BenchWorker } from './deliveries/worker.ts';
import { median, withDatabase } from './harness.ts';
import { ROOT } from './platform.ts';

const PORT_BASE = 18_700;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const MOST_WAIT_MS = 60_000;
/** Single leads whose way is timed, and the quiet before each. */
const SINGLES = 40;
const QUIET_MS = 150;

/** So many leads at once to so many destinations, each of which is a lane of its own. */
interface Load {
  readonly name: string;
  readonly kind: Kind;
  readonly lanes: number;
  readonly each: number;
}
const WHATSAPP: Load = { name: 'whatsapp', kind: 'whatsapp', lanes: 16, each: 60 };
const SHEETS: Load = { name: 'sheets', kind: 'google_sheets', lanes: 12, each: 250 };
const WEBHOOK: Load = { name: 'webhook', kind: 'webhook', lanes: 4, each: 500 };
const LOADS = [WHATSAPP, SHEETS, WEBHOOK];

/*
 * From committed leads to answered calls: a worker in a process of its own, on a durable database, with
 * providers that take everything and do nothing. What is counted is the worker's processor time, that of
 * PostgreSQL, and the statements, of everything between the commit and the last delivery that is done.
 */
export const bench: Bench = {
  name: 'deliveries',
  what: 'From committed leads to answered provider calls, one worker and two',
  async run(options) {
    const figures = await measure(ROOT, PORT_BASE);
    return options.against === undefined
      ? { figures }
      : { figures, before: await measure(options.against, PORT_BASE + 50) };
  },
};

interface Subject {
  readonly owner: Client;
  readonly worker: BenchWorker;
  readonly postmaster: number;
  readonly provider: NullProvider;
  readonly fernetKey: string;
}

async function measure(root: NonNullable<BenchOptions['against']>, portBase: number) {
  return withDatabase(
    async (databaseUrl) => {
      const fernetKey = `${randomBytes(32).toString('base64url')}=`;
      const provider = await startNullProvider();
      const owner = new Client({ connectionString: databaseUrl });
      await owner.connect();
      const place = { root, databaseUrl, fernetKey, provider: provider.url };
      const worker = await startWorker({ ...place, portBase });
      const postmaster = await postmasterOf(databaseUrl);
      const subject: Subject = { owner, worker, postmaster, provider, fernetKey };
      let second: BenchWorker | undefined;
      try {
        const figures: Figure[] = [];
        for (const load of LOADS) figures.push(...(await cost(subject, load)));
        figures.push(await timeToCall(subject));
        const alone = await rates(subject, WEBHOOK);
        second = await startWorker({ ...place, portBase: portBase + 20 });
        const both = await rates(subject, WEBHOOK);
        const gain = { name: 'two workers to one', value: median(both) / median(alone), unit: '' };
        return [...figures, gain];
      } finally {
        await second?.stop();
        await worker.stop();
        await owner.end();
        await provider.stop();
      }
    },
    { countsStatements: true },
  );
}

async function seeded({ owner, provider, fernetKey }: Subject, { kind, lanes }: Load) {
  return seedClients(owner, { kind, count: lanes, fernetKey, url: provider.url });
}

/** Says that leads are there, and waits until all that is owed for them is done; resolves to the seconds. */
async function deliver(
  { owner, provider }: Subject,
  clients: readonly string[],
  each: number,
): Promise<number> {
  const units = clients.length * each;
  const takenBefore = provider.taken();
  const startedMs = performance.now();
  await announceLeads(owner);
  for (;;) {
    await sleep(POLL_MS);
    // Looking costs the database something: not before the providers have got it all.
    const areCalled = provider.taken() - takenBefore >= units;
    if (areCalled && (await doneOf(owner, clients)) === units) {
      return (performance.now() - startedMs) / 1_000;
    }
    if (performance.now() - startedMs > MOST_WAIT_MS) {
      throw new Error(`not all were delivered: ${JSON.stringify(await statuses(owner, clients))}`);
    }
  }
}

async function doneOf(owner: Client, clients: readonly string[]): Promise<number | undefined> {
  const { rows } = await owner.query<{ done: number }>(
    `SELECT CAST(count(*) AS integer) AS done FROM deliveries
     WHERE client_id = ANY ($1) AND status = 'delivered'`,
    [clients],
  );
  return rows[0]?.done;
}

async function statuses(owner: Client, clients: readonly string[]): Promise<unknown> {
  const { rows } = await owner.query(
    `SELECT status, last_error_code, count(*) FROM deliveries WHERE client_id = ANY ($1) GROUP BY 1, 2`,
    [clients],
  );
  return rows;
}

const POLL_MS = 20;
/** The announcement, and one look at what is done and what it cost. */
const OWN_STATEMENTS = 3;
/** What ends a lane's turn may come after the last delivery. */
const SETTLE_MS = 500;

/** Of one delivery, in µs and statements. */
interface Cost {
  readonly node: number;
  readonly database: number;
  readonly statements: number;
  readonly rate: number;
}

async function cost(subject: Subject, load: Load): Promise<Figure[]> {
  const units = load.lanes * load.each;
  const rounds: Cost[] = [];
  // The first one is for the machine to get warm.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const clients = await seeded(subject, load);
    await commitLeads(subject.owner, clients, load.each);
    const before = await counted(subject);
    const seconds = await deliver(subject, clients, load.each);
    await sleep(SETTLE_MS);
    const after = await counted(subject);
    if (round > 0) {
      rounds.push({
        node: (after.node - before.node) / units,
        database: (after.database - before.database) / units,
        statements: Math.max(0, after.statements - before.statements - OWN_STATEMENTS) / units,
        rate: units / seconds,
      });
    }
  }
  const figure = (what: keyof Cost, unit: string): Figure => {
    const values = rounds.map((round) => round[what]);
    return { name: `${load.name}: ${what}`, unit, value: median(values), rounds: values };
  };
  return [
    figure('node', 'µs'),
    figure('database', 'µs'),
    figure('statements', ''),
    figure('rate', '/s'),
  ];
}

async function rates(subject: Subject, load: Load): Promise<number[]> {
  const values = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const clients = await seeded(subject, load);
    await commitLeads(subject.owner, clients, load.each);
    values.push((load.lanes * load.each) / (await deliver(subject, clients, load.each)));
  }
  return values;
}

/** From the commit of one lead to the call of its provider, while nothing else goes on. */
async function timeToCall(subject: Subject): Promise<Figure> {
  const { owner, provider } = subject;
  const clients = await seeded(subject, { ...WHATSAPP, lanes: 1 });
  const times = [];
  for (let single = 0; single < SINGLES; single += 1) {
    await sleep(QUIET_MS);
    const called = provider.nextCall();
    const startedMs = performance.now();
    await commitLeads(owner, clients, 1);
    await announceLeads(owner);
    const giveUp = sleep(MOST_WAIT_MS, undefined, { ref: false });
    await Promise.race([called, giveUp]);
    times.push(performance.now() - startedMs);
  }
  return { name: 'commit to call, p50', value: median(times), unit: 'ms' };
}

async function counted({ owner, worker, postmaster }: Subject) {
  const { rows } = await owner.query<{ calls: string }>(
    'SELECT sum(calls) AS calls FROM pg_stat_statements WHERE toplevel',
  );
  return {
    statements: Number(rows[0]?.calls),
    node: cpuOf(worker.pid),
    database: cpuOf(postmaster),
  };
}
