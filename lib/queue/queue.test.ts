import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { claiming } from './claim.ts';
import { expired } from './expire.ts';
import { freshRound } from './fresh-round.ts';
import { LEAVING, puttingBack } from './leave.ts';
import { due, inMs, nextDueMs, waiting, type QueueTable } from './table.ts';

const TASKS: QueueTable = {
  name: 'tasks',
  row: 't',
  fresh: 'new',
  again: 'tried',
  claimed: 'working',
  roundAttempts: 'round_attempts',
  allAttempts: 'attempts',
};

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 4 });
  await pool.query(`CREATE TABLE tasks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), lane text NOT NULL DEFAULT 'a', status text NOT NULL DEFAULT 'new',
    attempts integer NOT NULL DEFAULT 0, round_attempts integer NOT NULL DEFAULT 0,
    round_started_at timestamptz, next_attempt_at timestamptz DEFAULT now(), lease uuid,
    leased_until timestamptz, CHECK ((lease IS NULL) = (status <> 'working')))`);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => pool.query('TRUNCATE tasks'));

interface Task {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly round_attempts: number;
}

const add = (count: number) =>
  pool.query('INSERT INTO tasks (lane) SELECT $1 FROM generate_series(1, $2)', ['a', count]);
const all = async (): Promise<Task[]> =>
  (await pool.query<Task>('SELECT * FROM tasks ORDER BY next_attempt_at, id')).rows;

const CLAIM = `WITH ${claiming(TASKS, {
  where: 't.lane = $1',
  lease: '$2',
  limit: '$3',
  leaseMs: '$4',
})} SELECT * FROM claimed`;

async function claim(
  lease: string,
  limit: number,
  { on = pool as Pool | Client, leaseMs = 60_000 } = {},
) {
  return (await on.query<Task>(CLAIM, ['a', lease, limit, leaseMs])).rows;
}

/** Resolves to whether it was still its own. */
async function leave(id: string, lease: string, set: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE tasks t SET ${set} WHERE t.id = $1 AND t.lease = $2`,
    [id, lease],
  );
  return rowCount === 1;
}
const DONE = `status = 'done', ${LEAVING}`;
const RETRY = `status = 'tried', ${LEAVING}, next_attempt_at = now()`;
const BACK = `${puttingBack(TASKS)}, next_attempt_at = now()`;
const HOLD = `status = 'held', ${LEAVING}`;

const settleExpired = async (): Promise<number> => {
  const { rowCount } = await pool.query(
    `WITH gone AS (${expired(TASKS, 't.id', '100')})
     UPDATE tasks t SET ${RETRY} FROM gone WHERE t.id = gone.id`,
  );
  return rowCount ?? 0;
};
const startHeld = () =>
  pool.query(
    `UPDATE tasks t SET ${freshRound(TASKS)}, next_attempt_at = now() WHERE status = 'held'`,
  );

test('of what is due those that wait longest are claimed, each with its attempt counted', async () => {
  await add(3);
  const [first, second] = await all();
  await pool.query(`UPDATE tasks SET next_attempt_at = now() - interval '1 hour' WHERE id = $1`, [
    second?.id,
  ]);
  await pool.query(`UPDATE tasks SET next_attempt_at = now() + interval '1 hour' WHERE id = $1`, [
    first?.id,
  ]);
  expect(await claim(randomUUID(), 1)).toMatchObject([
    { id: second?.id, status: 'working', attempts: 1, round_attempts: 1 },
  ]);
  const rest = await claim(randomUUID(), 5);
  expect(rest.map(({ id }) => id)).not.toContain(first?.id);
  expect(rest).toHaveLength(1);
});

test('what somebody else is about to claim is skipped, not waited for', async () => {
  await add(3);
  const other = new Client({ connectionString: database.url });
  await other.connect();
  await other.query('BEGIN');
  const theirs = await claim(randomUUID(), 2, { on: other });
  const ours = await claim(randomUUID(), 5);
  await other.query('COMMIT');
  await other.end();
  expect(theirs).toHaveLength(2);
  expect(ours).toHaveLength(1);
});

test('who was away too long changes nothing any more', async () => {
  await add(1);
  const [mine, theirs] = [randomUUID(), randomUUID()];
  const [task] = await claim(mine, 1, { leaseMs: -1 });
  expect(await settleExpired()).toBe(1);
  expect(await claim(theirs, 1)).toMatchObject([{ id: task?.id, attempts: 2, round_attempts: 2 }]);
  expect(await leave(task?.id ?? '', mine, DONE)).toBe(false);
  expect(await leave(task?.id ?? '', theirs, DONE)).toBe(true);
});

test('a lease that lasts is nobody else’s to settle', async () => {
  await add(1);
  await claim(randomUUID(), 1);
  expect(await settleExpired()).toBe(0);
});

test('what is put back is as it was; a fresh round remembers that there were attempts', async () => {
  await add(1);
  for (const expected of ['new', 'new']) {
    const lease = randomUUID();
    const [task] = await claim(lease, 1);
    expect(await leave(task?.id ?? '', lease, BACK)).toBe(true);
    expect(await all()).toMatchObject([{ status: expected, attempts: 0, round_attempts: 0 }]);
  }
  const lease = randomUUID();
  const [task] = await claim(lease, 1);
  await leave(task?.id ?? '', lease, HOLD);
  await startHeld();
  expect(await all()).toMatchObject([{ status: 'tried', attempts: 1, round_attempts: 0 }]);
});

test('the next that is due is told in milliseconds, and nothing for an empty lane', async () => {
  const next = async () =>
    (await pool.query(`SELECT ${nextDueMs(TASKS)} AS ms FROM tasks t WHERE ${waiting(TASKS)}`))
      .rows[0];
  expect(await next()).toEqual({ ms: null });
  await add(1);
  await pool.query(`UPDATE tasks SET next_attempt_at = ${inMs('5000')}`);
  const { ms } = await next();
  expect(ms).toBeGreaterThan(4_000);
  expect(ms).toBeLessThanOrEqual(5_000);
  expect((await pool.query(`SELECT FROM tasks t WHERE ${due(TASKS)}`)).rowCount).toBe(0);
});

/** What one worker does with what it claims, or what time and people do. */
const ACTS = ['done', 'retry', 'back', 'hold', 'die', 'linger', 'sweep', 'start'] as const;
const step = fc.record({ act: fc.constantFrom(...ACTS), limit: fc.integer({ min: 1, max: 3 }) });

test('whatever workers do and however they end, each task is done once and none is lost', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      await pool.query('TRUNCATE tasks');
      await add(4);
      const done = new Map<string, number>();
      const finish = async (id: string, lease: string): Promise<void> => {
        if (await leave(id, lease, DONE)) done.set(id, (done.get(id) ?? 0) + 1);
      };
      const lingering: { id: string; lease: string }[] = [];
      const sets = { retry: RETRY, back: BACK, hold: HOLD };
      for (const { act, limit } of steps) {
        seen.set(act, (seen.get(act) ?? 0) + 1);
        if (act === 'sweep') await settleExpired();
        else if (act === 'start') await startHeld();
        else {
          const lease = randomUUID();
          const tasks = await claim(lease, limit, {
            leaseMs: act === 'die' || act === 'linger' ? -1 : 60_000,
          });
          for (const { id } of tasks) {
            if (act === 'done') await finish(id, lease);
            else if (act === 'linger') lingering.push({ id, lease });
            else if (act !== 'die') await leave(id, lease, sets[act]);
          }
        }
      }
      await settleExpired();
      await startHeld();
      // Those who lingered come back when others may have their tasks.
      const last = randomUUID();
      const tasks = await claim(last, 100);
      for (const { id, lease } of lingering) await finish(id, lease);
      for (const { id } of tasks) await finish(id, last);
      const rows = await all();
      expect(rows.map(({ status }) => status)).toEqual(rows.map(() => 'done'));
      expect([...done.values()]).toEqual(rows.map(() => 1));
      for (const row of rows) expect(row.attempts).toBeGreaterThanOrEqual(row.round_attempts);
    }),
    { numRuns: 40 },
  );
  // Every act came up, so that the property speaks of all of them.
  expect([...seen.keys()].toSorted()).toEqual([...ACTS].toSorted());
});
