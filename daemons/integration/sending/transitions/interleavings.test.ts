import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientIdSchema } from '../../../../lib/core/ids.ts';
import { allClients } from '../../../../lib/db/scope.ts';
import { createBench, type Bench } from '../../testing/bench.ts';
import {
  destinationId,
  laneKeyOf,
  startDeliveryKit,
  type DeliveryKit,
  type DeliveryRow,
} from '../../testing/kit.ts';
import type { Fate } from '../../testing/mortal.ts';
import { applyWhatsAppStatus } from '../../kinds/whatsapp/statuses.ts';
import { MOVES } from './states.ts';

let kit: DeliveryKit;
let bench: Bench;

beforeAll(async () => {
  kit = await startDeliveryKit();
  bench = createBench(kit);
  await kit.pool.query(RECORD_MOVES);
}, 60_000);

afterAll(async () => {
  await bench.stop();
  await kit.drop();
});

/** Every change of a status, for comparing with the table of moves. */
const RECORD_MOVES = `
  CREATE TABLE seen_moves (was text, became text, PRIMARY KEY (was, became));
  CREATE FUNCTION record_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO seen_moves VALUES (OLD.status, NEW.status) ON CONFLICT DO NOTHING; RETURN NEW;
  END $$;
  CREATE TRIGGER record_move AFTER UPDATE OF status ON deliveries FOR EACH ROW
    WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION record_move()`;

/** Those that no move of the table allows. */
async function movesOutsideTheTable(): Promise<string[]> {
  const { rows } = await kit.pool.query<{ was: string; became: string }>('TABLE seen_moves');
  count('kinds of moves seen', rows.length);
  const allowed = new Set<string>(
    Object.values(MOVES).flatMap((move) =>
      [...move.from].flatMap((was) => [...move.to].map((became) => `${was} ${became}`)),
    ),
  );
  return rows.map(({ was, became }) => `${was} ${became}`).filter((move) => !allowed.has(move));
}

const LANES = ['whatsapp', 'google_sheets'] as const;
const ANSWERS = ['ok', 'hang', 'refuse', 'busy', 'never'] as const;
type Answer = (typeof ANSWERS)[number];

type Lane = (typeof LANES)[number];
const RESTARTED = ['failed', 'held', 'unknown', 'retrying', 'pending'] as const;
const TOLD = ['sent', '131049', '131026', '190'] as const;

/** `answers`: what the provider answers to the next calls; after them all goes well. */
type Step =
  | { readonly kind: 'leads'; readonly count: number }
  | {
      readonly kind: 'work';
      readonly lane: Lane;
      /** One worker, or two at the same time. */
      readonly fates: readonly Fate[];
      readonly answers: readonly Answer[];
    }
  | { readonly kind: 'time_passes' | 'wake' }
  | { readonly kind: 'retry'; readonly which: number }
  | { readonly kind: 'replay'; readonly status: (typeof RESTARTED)[number] }
  | { readonly kind: 'repair' | 'disable' | 'remove'; readonly lane: Lane }
  | { readonly kind: 'status'; readonly which: number; readonly told: (typeof TOLD)[number] };

const a = <K extends Step['kind']>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const upTo = (max: number) => fc.integer({ min: 1, max });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'lives' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('dies' as const),
      at: upTo(9),
      isDone: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleeps' as const), at: upTo(9) }) },
);
const lane = fc.constantFrom(...LANES);
const which = fc.nat({ max: 20 });
const work = fc.record({
  kind: a('work'),
  lane,
  fates: fc.array(fate, { minLength: 1, maxLength: 2 }),
  answers: fc.array(fc.constantFrom(...ANSWERS), { maxLength: 3 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: a('leads'), count: upTo(3) }) },
  { weight: 8, arbitrary: work },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('time_passes', 'wake') }) },
  { weight: 3, arbitrary: fc.record({ kind: a('retry'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: a('replay'), status: fc.constantFrom(...RESTARTED) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('repair', 'disable'), lane }) },
  { weight: 1, arbitrary: fc.record({ kind: a('remove'), lane }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: a('status'), which, told: fc.constantFrom(...TOLD) }),
  },
);

const BUSY_MESSAGE = {
  status: 500,
  body: { error: { code: 131000, message: 'Something went wrong' } },
};
const NEVER_MESSAGE = {
  status: 400,
  body: { error: { code: 131026, message: 'not on WhatsApp' } },
};
const sheetsError = (status: number, code: string) => ({
  status,
  body: { error: { code: status, status: code, message: `the sheet says ${code}` } },
});
const NO_SHEET = {
  hang: 'hang' as const,
  refuse: sheetsError(403, 'PERMISSION_DENIED'),
  busy: sheetsError(429, 'RESOURCE_EXHAUSTED'),
  never: sheetsError(400, 'INVALID_ARGUMENT'),
};
const NO_MESSAGE = {
  hang: 'hang' as const,
  refuse: 'refuse' as const,
  busy: BUSY_MESSAGE,
  never: NEVER_MESSAGE,
};

const totals = new Map<string, number>();
const count = (what: string, by = 1): void => void totals.set(what, (totals.get(what) ?? 0) + by);

/** One client's history: what was done, and how often each delivery may have been sent for that. */
function startHistory(clientId: string) {
  const script: Answer[] = [];
  const mayBeSent = new Map<string, number>();
  const allow = (id: string): void => void mayBeSent.set(id, (mayBeSent.get(id) ?? 1) + 1);
  kit.providers.onMessage(() => {
    const answer = script.shift() ?? 'ok';
    return answer === 'ok' ? undefined : NO_MESSAGE[answer];
  });
  kit.providers.onAppend(() => {
    const answer = script.shift() ?? 'ok';
    return answer === 'ok' ? undefined : NO_SHEET[answer];
  });
  const own = () => kit.deliveries('client_id = $1', [clientId]);
  const laneKey = (name: Lane) => laneKeyOf(clientId, name);
  const client = clientIdSchema.parse(clientId);

  /** A person who has one sent again that may have arrived takes the risk: these alone may be sent twice. */
  const restarting = async (rows: readonly DeliveryRow[]): Promise<void> => {
    for (const row of rows) {
      if (row.kind === 'whatsapp' && row.is_doubtful) allow(row.id);
    }
  };

  const take = async (one: Step): Promise<void> => {
    switch (one.kind) {
      case 'leads':
        await bench.leads(clientId, one.count, await destinationsOn(clientId));
        return;
      case 'work':
        script.splice(0, script.length, ...one.answers);
        await Promise.all(one.fates.map((each) => bench.work(laneKey(one.lane), each)));
        return;
      case 'time_passes':
        return bench.timePasses(clientId);
      case 'wake':
        return bench.wakeAll();
      case 'repair':
        return bench.repair(clientId, one.lane);
      case 'disable':
        await bench.disable(clientId, one.lane);
        return;
      case 'remove':
        return bench.remove(clientId, one.lane);
      case 'retry': {
        const rows = await own();
        const row = rows[one.which % Math.max(1, rows.length)];
        if (row === undefined) return;
        await restarting([row]);
        await bench.deliveries.retry(bench.actor, client, row.id);
        return;
      }
      case 'replay':
        await restarting((await own()).filter(({ status }) => status === one.status));
        await bench.deliveries.replay(bench.actor, client, {
          status: one.status,
          config: 'current',
          dry_run: false,
        });
        return;
      case 'status':
        return tell(one.which, one.told);
    }
  };

  const tell = async (nth: number, told: string): Promise<void> => {
    const ids = new Set((await own()).map(({ id }) => id));
    const sent = kit.providers.messages.filter(({ callbackData }) => ids.has(callbackData));
    const message = sent[nth % Math.max(1, sent.length)];
    if (message === undefined) return;
    const isFailure = told !== 'sent';
    const applied = await bench.worker
      .inTransaction(allClients('a test'), (unit) =>
        applyWhatsAppStatus(unit, {
          messageId: message.id,
          deliveryId: message.callbackData,
          status: isFailure ? 'failed' : 'sent',
          at: new Date(),
          error: isFailure ? { code: told, message: 'told' } : null,
        }),
      )
      .catch(() => 'later');
    // WhatsApp itself says that this message did not arrive: another one may go.
    if (isFailure && applied === 'applied') allow(message.callbackData);
  };

  /** All that goes on by itself, until nothing does any more. */
  const settleDown = async (): Promise<DeliveryRow[]> => {
    script.splice(0);
    for (let round = 0; round < 40; round += 1) {
      await bench.wakeAll();
      await bench.timePasses(clientId);
      for (const name of LANES) await bench.work(laneKey(name), { kind: 'lives' });
      const rows = await own();
      if (rows.every(({ status }) => !['pending', 'retrying', 'delivering'].includes(status))) {
        return rows;
      }
    }
    throw new Error(`stuck: ${JSON.stringify(await own(), null, 1)}`);
  };

  return { take, own, settleDown, restarting, client, mayBeSent };
}

type History = ReturnType<typeof startHistory>;

async function expectNoneTwice({ own, mayBeSent }: History): Promise<void> {
  for (const { id, lead_id: leadId, kind } of await own()) {
    const sent =
      kind === 'whatsapp'
        ? kit.providers.messages.filter(({ callbackData }) => callbackData === id).length
        : kit.providers.rows.filter(([lead]) => lead === leadId).length;
    const most = mayBeSent.get(id) ?? 1;
    if (sent > most) throw new Error(`${kind} ${id} was sent ${sent} times, not ${most}`);
    if (sent > 1) count('sent again by a person, or after WhatsApp said it failed');
  }
}

/** Whatever does not go on by itself says why, and its lane is named where the integrations are shown. */
async function expectReasons(rows: readonly DeliveryRow[], clientId: string): Promise<void> {
  const { rows: held } = await kit.pool.query<{ lane_key: string; held_message: string }>(
    'SELECT lane_key, held_message FROM lanes WHERE client_id = $1 AND held_at IS NOT NULL',
    [clientId],
  );
  const lanes = new Set(held.map(({ lane_key: key }) => key));
  const unexplained = rows.filter((row) => row.status === 'held' && !lanes.has(row.lane_key));
  expect(unexplained).toEqual([]);
  for (const row of rows) {
    count(`left ${row.status}`);
    if (row.status === 'delivered') continue;
    expect(row).toMatchObject({
      status: expect.stringMatching(/^(?:unknown|failed|held|skipped)$/),
      last_error_code: expect.stringMatching(/./),
      last_error_message: expect.stringMatching(/./),
    });
  }
}

async function destinationsOn(clientId: string): Promise<number> {
  const { rows } = await kit.pool.query(
    'SELECT FROM destinations WHERE client_id = $1 AND enabled',
    [clientId],
  );
  return rows.length;
}

/** Those whose destination was removed are not sent any more: all that waited is skipped, and says why. */
async function stillWanted(rows: readonly DeliveryRow[], clientId: string): Promise<DeliveryRow[]> {
  const { rows: gone } = await kit.pool.query<{ id: string }>(
    'SELECT id FROM destinations WHERE client_id = $1 AND removed_at IS NOT NULL',
    [clientId],
  );
  const lanes = new Set(
    LANES.filter((name) => gone.some(({ id }) => id === destinationId(clientId, name))).map(
      (name) => laneKeyOf(clientId, name),
    ),
  );
  for (const row of rows.filter(({ lane_key: key }) => lanes.has(key))) {
    expect(row.status).toMatch(/^(?:delivered|unknown|failed|skipped)$/);
    if (row.status !== 'skipped') continue;
    count('skipped with their destination');
    expect(row.last_error_code).toBe('destination_removed');
  }
  return rows.filter(({ lane_key: key }) => !lanes.has(key));
}

/** A call of a starved machine may time out even now; a person then has it sent again. */
async function replayUntilDelivered(history: History, clientId: string): Promise<DeliveryRow[]> {
  let left: DeliveryRow[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const status of ['failed', 'unknown'] as const) {
      await history.restarting((await history.own()).filter((row) => row.status === status));
      const which = { status, config: 'current', dry_run: false } as const;
      await bench.deliveries.replay(bench.actor, history.client, which);
    }
    const wanted = await stillWanted(await history.settleDown(), clientId);
    left = wanted.filter(({ status }) => status !== 'delivered');
    if (left.length === 0) break;
  }
  return left;
}

/** With as many histories a property that speaks of fewer things than these would say little. */
const ALL_COME_UP = 25;
const COME_UP = [
  ...['leads', 'work', 'time_passes', 'wake', 'retry', 'replay', 'repair', 'disable', 'remove'].map(
    (kind) => `step ${kind}`,
  ),
  'step status',
  ...['lives', 'dies', 'sleeps'].map((fate) => `worker ${fate}`),
  'left delivered',
  'left held',
  'left unknown',
  'left failed',
  'left skipped',
  'skipped with their destination',
];

test(
  'whatever happens, and whoever dies in the middle of it: none is stuck, and none is sent twice',
  { timeout: 600_000 },
  async () => {
    let histories = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 22 }), async (steps) => {
        histories += 1;
        const clientId = `c${histories}`;
        await kit.client(clientId);
        const history = startHistory(clientId);
        await bench.leads(clientId, 2, 2);
        for (const one of steps) {
          await history.take(one);
          count(`step ${one.kind}`);
          if (one.kind === 'work') for (const { kind } of one.fates) count(`worker ${kind}`);
        }
        await expectReasons(await history.settleDown(), clientId);
        await expectNoneTwice(history);
        // What was held flows when its cause is gone, and all the rest when somebody says so.
        for (const name of LANES) await bench.repair(clientId, name);
        expect((await history.settleDown()).filter(({ status }) => status === 'held')).toEqual([]);
        expect(await replayUntilDelivered(history, clientId)).toEqual([]);
        await expectNoneTwice(history);
      }),
      { numRuns: Number(process.env['DELIVERY_HISTORIES'] ?? 25), endOnFailure: true },
    );
    expect(await movesOutsideTheTable()).toEqual([]);
    if (histories >= ALL_COME_UP)
      expect([...totals.keys()]).toEqual(expect.arrayContaining(COME_UP));
    const sorted = [...totals].toSorted(([one], [other]) => one.localeCompare(other));
    process.stdout.write(`${histories} histories: ${JSON.stringify(Object.fromEntries(sorted))}\n`);
  },
);
