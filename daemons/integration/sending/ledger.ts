import { isRowError, sqlState } from '../../../lib/db/errors.ts';
import { createMicroBatcher, type MicroBatcher } from '../../../lib/db/micro-batch.ts';
import type { RunStatement } from '../../../lib/db/statement.ts';
import { begin, type Leased } from './transitions/begin.ts';
import { beginMessages, type Addressed, type Recipient } from './transitions/begin-message.ts';
import { finish, type FinishedDelivery, type LeasedResult } from './transitions/finish.ts';

/** A message to a lead, with the phone that was claimed; nobody else of its statement may go there. */
export interface Message extends Addressed {
  readonly phone: string | null;
}

/**
 * What a worker says of its attempts. Whatever its lanes say at the same time shares a statement, and so a
 * commit: each still resolves only when its own is committed.
 */
export interface Ledger {
  /** Those that are still their lease's own; see `transitions/begin`. */
  begin(given: readonly Leased[]): Promise<ReadonlySet<string>>;
  /** Undefined when it is no longer its lease's own; see `transitions/begin-message`. */
  beginMessage(message: Message): Promise<Recipient | undefined>;
  /** Those that were still their lease's own. */
  finish(results: readonly LeasedResult[]): Promise<readonly FinishedDelivery[]>;
}

/** Beside a statement that is held up, by a lock for instance, others begin after so long. */
const PATIENCE_MS = 10;
const SHARED = { maxInFlight: 4, patienceMs: PATIENCE_MS, maxBatch: 100, maxQueue: 10_000 };
/** So many of one lane make a statement of their own. */
const MANY = 50;

export function createLedger(run: RunStatement, mostADay: number): Ledger {
  const beginning = createMicroBatcher({
    ...SHARED,
    isRowError,
    run: async (asked: readonly (readonly Leased[])[]) => {
      const ours = await begin(run, asked.flat());
      return asked.map(() => ours);
    },
  });
  const messages = createMicroBatcher({
    ...SHARED,
    // Two leads whose phones were corrected to the same one meet in a statement only now.
    isRowError: (error) => isRowError(error) || sqlState(error) === COUNTED_TWICE,
    run: async (asked: readonly Message[]) => {
      const found = new Map<string, Recipient>();
      for (const distinct of withDistinctPhones(asked)) {
        for (const one of await beginMessages(run, distinct, mostADay)) found.set(...one);
      }
      return asked.map(({ id }) => ({ recipient: found.get(id) }));
    },
  });
  const finishing = createMicroBatcher({
    ...SHARED,
    isRowError,
    run: async (said: readonly (readonly LeasedResult[])[]) => {
      const finished = new Map((await finish(run, said.flat())).map((one) => [one.id, one]));
      return said.map((results) => results.flatMap(({ id }) => finished.get(id) ?? []));
    },
  });
  return {
    begin: (given) => (given.length > MANY ? begin(run, given) : submitted(beginning, given)),
    beginMessage: async (message) => (await submitted(messages, message)).recipient,
    finish: (results) =>
      results.length > MANY ? finish(run, results) : submitted(finishing, results),
  };
}

/** ON CONFLICT DO UPDATE would change a row a second time. */
const COUNTED_TWICE = '21000';

async function submitted<T, R>(batcher: MicroBatcher<T, R>, item: T): Promise<R> {
  const outcome = await batcher.submit(item);
  if (outcome.kind === 'overloaded') throw new Error('too much waits to be written down');
  return outcome.result;
}

/** In as few groups as can be, in none of which two go to one lead's phone. */
function withDistinctPhones(messages: readonly Message[]): Message[][] {
  const groups: Message[][] = [];
  const times = new Map<string, number>();
  for (const message of messages) {
    const phone = message.own === null ? message.phone : null;
    const time = phone === null ? 0 : (times.get(phone) ?? 0);
    if (phone !== null) times.set(phone, time + 1);
    (groups[time] ??= []).push(message);
  }
  return groups;
}
