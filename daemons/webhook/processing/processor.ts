import { randomUUID } from 'node:crypto';
import { isRowError } from '../../../lib/db/errors.ts';
import { createMicroBatcher } from '../../../lib/db/micro-batch.ts';
import { allClients } from '../../../lib/db/scope.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import { retryDelayMs } from '../../../lib/providers/decide.ts';
import { retry } from '../../../lib/providers/outcome.ts';
import type { WebhookProcessorDeps } from './deps.ts';
import { processLeadgen, type LeadgenDeps } from './leadgen.ts';
import { createLookups } from './lookups.ts';
import { createPauses } from './pauses.ts';
import {
  claimEvents,
  finishEvents,
  isAnythingDue,
  nextDueInMs,
  type ClaimedEvent,
  type Finished,
  type Outcome,
} from './queue.ts';
import type { Lane } from './table.ts';
import { processWhatsApp } from './whatsapp.ts';
import { prunePosts, reapLeases, redriveUnmapped, releaseHeld } from './sweep.ts';

export interface WebhookProcessor {
  /**
   * Works until nothing of the lane is due or the signal aborts; resolves to how many events it took on.
   * Runs may go on side by side, so that one that waits for a slow page does not keep others waiting.
   */
  run(lane: Lane, signal: AbortSignal): Promise<number>;
  /**
   * Finds what is owed and nobody announced: leases that are over, unmapped events that have a client
   * by now, held ones whose cause is gone. `run` afterwards.
   */
  sweep(): Promise<SweepReport>;
  /** The part of a sweep that a new mapping calls for; resolves to how many events go on. */
  redriveUnmapped(pageId: string, formId: string | null): Promise<number>;
  /** Forgets posts older than this, with their events, unless something is still owed for one. */
  prune(keepDays: number): Promise<number>;
  /** Until the lane's next event is due, in milliseconds; null when none waits. */
  nextDueInMs(lane: Lane): Promise<number | null>;
}

export interface SweepReport {
  readonly reaped: number;
  readonly mapped: number;
  readonly released: number;
  /** Now: what the sweep gave back, and what nobody announced. */
  readonly isAnythingDue: boolean;
}

/** Events a claim takes, and how many of them are worked on at a time, in each run. */
const CLAIM = { leads: 8, statuses: 32, words: 32 } as const;
const AT_A_TIME = { leads: 2, statuses: 8, words: 4 } as const;
/** Four rounds of provider calls that all time out after 10 s fit in twice. */
const LEASE_MS = 90_000;
const PRUNE_BATCH = 500;
/** Beside a statement that is held up another begins after 10 ms. */
const FINISHING = { maxInFlight: 2, patienceMs: 10, maxBatch: 100, maxQueue: 10_000 };

const scope = allClients('events of every client, and of none yet, wait in one queue');

export function createWebhookProcessor(deps: WebhookProcessorDeps): WebhookProcessor {
  const { database } = deps;
  const pauses = createPauses(() => performance.now());
  /** What ends at the same time is written down by one statement. */
  const finishing = createMicroBatcher({
    ...FINISHING,
    isRowError,
    run: async (finished: readonly Finished[]) => {
      const ours = await database.inTransaction(scope, (unit) =>
        finishEvents(inUnit(unit), finished),
      );
      return finished.map(({ event }) => ours.has(event.id));
    },
  });
  const finish = async (finished: Finished): Promise<boolean> => {
    const written = await finishing.submit(finished);
    if (written.kind === 'overloaded') throw new Error('too much waits to be written down');
    return written.result;
  };
  return {
    async run(lane, signal) {
      for (let taken = 0; ;) {
        if (signal.aborted) return taken;
        const claim = { lease: randomUUID(), leaseMs: LEASE_MS, limit: CLAIM[lane] };
        const events = await database.inTransaction(scope, (unit) =>
          claimEvents(inUnit(unit), lane, claim),
        );
        if (events.length === 0) return taken;
        taken += events.length;
        const shared = { ...deps, finish, pauses, lookups: createLookups(deps) };
        await workThrough(events, AT_A_TIME[lane], (event) => work(shared, event, signal));
      }
    },
    sweep: () =>
      database.inTransaction(scope, async (unit) => ({
        reaped: await reapLeases(unit),
        mapped: await redriveUnmapped(unit),
        released: await releaseHeld(unit),
        isAnythingDue: await isAnythingDue(inUnit(unit)),
      })),
    redriveUnmapped: (pageId, formId) =>
      database.inTransaction(scope, (unit) => redriveUnmapped(unit, { pageId, formId })),
    async prune(keepDays) {
      const options = { keepDays, limit: PRUNE_BATCH };
      for (let total = 0; ;) {
        const pruned = await database.inTransaction(scope, (unit) => prunePosts(unit, options));
        total += pruned;
        if (pruned < PRUNE_BATCH) return total;
      }
    },
    nextDueInMs: (lane) => database.inTransaction(scope, (unit) => nextDueInMs(inUnit(unit), lane)),
  };
}

interface SharedDeps extends WebhookProcessorDeps, LeadgenDeps {
  /** Resolves to whether the event was still its lease's own. */
  readonly finish: (finished: Finished) => Promise<boolean>;
}

async function workThrough(
  events: readonly ClaimedEvent[],
  atATime: number,
  work: (event: ClaimedEvent) => Promise<void>,
): Promise<void> {
  const waiting = events.values();
  const each = async (): Promise<void> => {
    for (const event of waiting) await work(event);
  };
  await Promise.all(Array.from({ length: atATime }, each));
}

async function work(deps: SharedDeps, event: ClaimedEvent, signal: AbortSignal): Promise<void> {
  const outcome = await outcomeOf(deps, event, signal);
  if (!(await deps.finish({ event, outcome })))
    deps.log.warn({ event_id: event.id }, 'webhook event: its lease was over');
}

async function outcomeOf(
  deps: SharedDeps,
  event: ClaimedEvent,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return { to: 'waiting', delayMs: 0 };
  try {
    const outcome =
      event.leadgen_id === null
        ? await processWhatsApp(deps, event)
        : await processLeadgen(deps, event, signal);
    // A call that we gave up ourselves is no attempt.
    return signal.aborted && outcome.to === 'retrying' ? { to: 'waiting', delayMs: 0 } : outcome;
  } catch (error) {
    deps.log.error({ err: error, event_id: event.id }, 'webhook event: failed on our side');
    return {
      to: 'retrying',
      delayMs: retryDelayMs(retry(), { attempt: event.attempts }),
      clientId: null,
      reason: { code: 'internal_error', message: 'It failed on our side and is tried again.' },
    };
  }
}
