import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientIdSchema, newId } from '../../../lib/core/ids.ts';
import { allClients } from '../../../lib/db/scope.ts';
import { createBench, MOST_A_DAY, type Around, type Bench } from '../testing/bench.ts';
import { laneKeyOf, startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';
import { createSuppressionService } from './service.ts';
import { applyWord } from '../kinds/whatsapp/words.ts';

let kit: DeliveryKit;
let bench: Bench;

beforeAll(async () => {
  kit = await startDeliveryKit();
  bench = createBench(kit);
}, 60_000);

afterAll(async () => {
  await bench.stop();
  await kit.drop();
});

const PHONES = ['+4915100000001', '+4915100000002', '+5215512345678'] as const;
/** As WhatsApp may spell it. */
const SPELLED: Readonly<Record<string, string>> = { '+5215512345678': '+525512345678' };
const CONSENTS = ['null', 'true', '"no"', '{"whatsapp": false}', '[{"is_checked": ""}]', '"yes"'];
const REFUSALS = new Set(['"no"', '{"whatsapp": false}', '[{"is_checked": ""}]']);

const phone = fc.constantFrom(...PHONES);
const which = fc.nat({ max: 12 });
const a = <K extends string>(kind: K): fc.Arbitrary<K> => fc.constant(kind);

/** What people and the client do, between any two steps and in the middle of sending. */
const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: a('stop'), phone }) },
  { weight: 2, arbitrary: fc.record({ kind: a('start'), phone }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('suppress', 'lift'), phone }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: a('consent'), which, to: fc.constantFrom(...CONSENTS) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: a('move'), which, phone }) },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: a('lead'),
      count: fc.integer({ min: 1, max: 4 }),
      phone,
      consent: fc.constantFrom(...CONSENTS),
    }),
  },
  { weight: 4, arbitrary: act },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: a('work'),
      /** Done before the n-th message begins. */
      between: fc.array(fc.option(act, { nil: undefined, freq: 2 }), { maxLength: 4 }),
      refuses: fc.constantFrom(false, false, false, false, true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: a('retry'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: a('replay'),
      status: fc.constantFrom('skipped', 'held', 'failed'),
    }),
  },
);

const totals = new Map<string, number>();
const count = (what: string): void => void totals.set(what, (totals.get(what) ?? 0) + 1);

/** One client's world, as the test knows it: who may be written to at this moment. */
function startWorld(clientId: string) {
  const client = clientIdSchema.parse(clientId);
  const laneKey = laneKeyOf(clientId, 'whatsapp');
  const suppressions = createSuppressionService({ database: bench.app, clock: () => new Date() });
  const stopped = new Set<string>();
  const noted = new Set<string>();
  const leads: { readonly id: string; phone: string; consent: string }[] = [];
  let minute = 0;

  const mayBeWritten = (leadId: string): string | undefined => {
    const lead = leads.find(({ id }) => id === leadId);
    if (lead === undefined || REFUSALS.has(lead.consent)) return undefined;
    return stopped.has(lead.phone) || noted.has(lead.phone) ? undefined : lead.phone;
  };

  const say = async (word: 'stop' | 'start', from: string): Promise<void> => {
    minute += 1;
    await bench.worker.inTransaction(allClients('a test'), (unit) =>
      applyWord(unit, {
        messageId: newId(),
        phoneNumberId: `number-${clientId}`,
        from: SPELLED[from] ?? from,
        word,
        at: new Date(Date.now() + minute * 60_000),
      }),
    );
  };

  const perform = async (one: Act): Promise<void> => {
    count(one.kind);
    const lead = 'which' in one ? leads[one.which % Math.max(1, leads.length)] : undefined;
    switch (one.kind) {
      case 'stop':
        await say('stop', one.phone);
        // What the client has noted stands as it is, whatever the person says besides.
        if (!noted.has(one.phone)) stopped.add(one.phone);
        return;
      case 'start':
        await say('start', one.phone);
        stopped.delete(one.phone);
        return;
      case 'suppress': {
        const input = { channel: 'whatsapp', address: one.phone } as const;
        await suppressions.add(bench.actor, client, input);
        if (!stopped.has(one.phone)) noted.add(one.phone);
        return;
      }
      case 'lift':
        await suppressions.lift(bench.actor, client, { channel: 'whatsapp', address: one.phone });
        stopped.delete(one.phone);
        noted.delete(one.phone);
        return;
      case 'consent':
        if (lead === undefined) return;
        await kit.pool.query('UPDATE leads SET consent = CAST($2 AS jsonb) WHERE id = $1', [
          lead.id,
          one.to,
        ]);
        lead.consent = one.to;
        return;
      case 'move':
        if (lead === undefined) return;
        await kit.pool.query('UPDATE leads SET phone = $2 WHERE id = $1', [lead.id, one.phone]);
        lead.phone = one.phone;
        return;
    }
  };

  return { client, laneKey, leads, perform, mayBeWritten };
}

type World = ReturnType<typeof startWorld>;

/** Runs acts before messages begin, one after the other, so that the test knows what each of them saw. */
function acting(world: World, acts: (Act | undefined)[], onBegun: () => void): Around {
  let turn: Promise<unknown> = Promise.resolve();
  return (name, statement) => {
    if (name !== 'begin-messages') return statement();
    const mine = turn.then(async () => {
      const one = acts.shift();
      if (one !== undefined) await world.perform(one);
      const begun = await statement();
      onBegun();
      return begun;
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
}

test(
  'whatever comes between, nobody who said no is called, and no number more than it may be a day',
  { timeout: 600_000 },
  async () => {
    let histories = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async (steps) => {
        histories += 1;
        const clientId = `p${histories}`;
        await kit.client(clientId, { sheets: false });
        const world = startWorld(clientId);
        const wrongs: string[] = [];
        const sentTo: string[] = [];
        /** Who might be written to, and where, when some message of this turn began. */
        const allowed = new Set<string>();
        const leadOf = new Map<string, string>();
        let isRefusing = false;
        kit.providers.onMessage(({ callbackData, to }) => {
          const leadId = leadOf.get(callbackData);
          if (!allowed.has(`${leadId} ${to}`)) wrongs.push(`${callbackData} ${to}`);
          count(isRefusing ? 'called and refused' : 'called');
          if (isRefusing) return 'refuse';
          sentTo.push(to);
          return undefined;
        });
        for (const one of steps) {
          switch (one.kind) {
            case 'lead': {
              const over = { phone: one.phone };
              for (const id of await bench.leads(clientId, one.count, 1, over)) {
                count('lead');
                world.leads.push({ id, phone: one.phone, consent: 'null' });
                const [delivery] = await kit.deliveries('lead_id = $1', [id]);
                leadOf.set(delivery?.id ?? '', id);
                const last = world.leads.length - 1;
                await world.perform({ kind: 'consent', which: last, to: one.consent });
              }
              break;
            }
            case 'work': {
              isRefusing = one.refuses;
              const begun = (): void => {
                // A call may still be on its way to the provider when the next message begins.
                for (const { id } of world.leads) {
                  const to = world.mayBeWritten(id);
                  if (to !== undefined) allowed.add(`${id} ${to}`);
                }
              };
              allowed.clear();
              const around = acting(world, [...one.between], begun);
              await bench.work(world.laneKey, { kind: 'lives' }, around);
              break;
            }
            case 'retry': {
              const rows = await kit.deliveries('client_id = $1', [clientId]);
              const row = rows[one.which % Math.max(1, rows.length)];
              if (row) await bench.deliveries.retry(bench.actor, world.client, row.id);
              break;
            }
            case 'replay':
              await bench.deliveries.replay(bench.actor, world.client, {
                status: one.status,
                config: 'current',
                dry_run: false,
              });
              break;
            case 'stop':
            case 'start':
            case 'suppress':
            case 'lift':
            case 'consent':
            case 'move':
              await world.perform(one);
          }
        }
        expect(wrongs).toEqual([]);
        for (const number of PHONES) {
          expect(sentTo.filter((to) => to === number).length).toBeLessThanOrEqual(MOST_A_DAY);
        }
        for (const row of await kit.deliveries('client_id = $1', [clientId])) {
          count(`left ${row.status} ${row.status === 'skipped' ? row.last_error_code : ''}`.trim());
        }
      }),
      { numRuns: Number(process.env['REFUSAL_HISTORIES'] ?? 30), endOnFailure: true },
    );
    const sorted = [...totals].toSorted(([one], [other]) => one.localeCompare(other));
    process.stdout.write(`${histories} histories: ${JSON.stringify(Object.fromEntries(sorted))}\n`);
  },
);
