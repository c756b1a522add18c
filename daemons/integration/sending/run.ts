import type { CallReport, ProviderFailure } from '../../../lib/providers/outcome.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import { readCredentials, type Credentials } from './account.ts';
import type { Hold, LaneStore } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { DeliveryMetrics } from './metrics.ts';
import type { AttemptResult, ClaimedDelivery, Lane } from './model.ts';
import { retried, settle, type LaneEffect, type SettleOptions } from './settle.ts';

interface FailOptions extends SettleOptions {
  /**
   * The settings that the call was made with, as `credentials` told: it is a verdict on these alone.
   * Null where it is none on any.
   */
  readonly version: number | null;
  readonly isDoubtful?: (delivery: ClaimedDelivery) => boolean;
}

/** One worker's time with a lane: what a provider's part of the work may do. */
export interface LaneRun {
  readonly lane: Lane;
  /** No more may be claimed: stopping, out of time, or the lease is lost. */
  isOver(): boolean;
  /** Aborts as soon as `isOver`. */
  readonly over: AbortSignal;
  /** For provider calls: aborts when they may not even end any more. */
  readonly calls: AbortSignal;
  claim(limit: number): Promise<ClaimedDelivery[]>;
  putBack(deliveries: readonly ClaimedDelivery[], inMs: number): Promise<void>;
  finish(results: readonly AttemptResult[]): Promise<void>;
  /** Settles the same failure for all deliveries that one call was for. */
  fail(
    deliveries: readonly ClaimedDelivery[],
    failure: ProviderFailure,
    call: CallReport | null,
    options: FailOptions,
  ): Promise<void>;
  credentials(): Promise<Credentials>;
}

export interface LaneRunDeps {
  readonly ledger: Ledger;
  readonly lanes: LaneStore;
  readonly announcer: Announcer;
  readonly metrics: DeliveryMetrics;
  readonly log: Logger;
  readonly account: Parameters<typeof readCredentials>[0];
}

export function createLaneRun(
  deps: LaneRunDeps,
  lane: Lane,
  lease: string,
  signals: { over: AbortSignal; calls: AbortSignal },
): LaneRun {
  const { ledger, lanes, log } = deps;
  const laneKey = lane.lane_key;

  const credentials = cached(() => readCredentials(deps.account, lane.client_id, lane.integration));

  /** False when the settings that led to it are not those of now. */
  const hold = async (why: Hold, version: number | null): Promise<boolean> => {
    const outcome = await lanes.hold(laneKey, why, version);
    // Only the first to hold it says so: one alert, however many sends failed.
    if (outcome !== 'held') return outcome === 'known';
    deps.metrics.held(lane.integration);
    deps.announcer.announce('leadctl_events');
    log.error(
      { lane: laneKey, code: why.code, detail: why.message },
      'lane held until it is repaired',
    );
    return true;
  };

  const finish = async (results: readonly AttemptResult[]): Promise<void> => {
    if (results.length === 0) return;
    const finished = await ledger.finish(lease, results);
    for (const one of finished) deps.metrics.finished(lane.integration, one.status, one.lag_ms);
    if (finished.length < results.length) {
      log.warn({ lane: laneKey, lost: results.length - finished.length }, 'leases were lost');
    }
    deps.announcer.announce('leadctl_events');
  };

  /** False when the failure belongs to settings that are gone: it is no verdict on these. */
  const apply = async (
    effect: LaneEffect,
    delivery: ClaimedDelivery,
    version: number | null,
  ): Promise<boolean> => {
    switch (effect.kind) {
      case 'pause':
        await lanes.pause(laneKey, effect.forMs);
        return true;
      case 'postpone_recipient':
        if (delivery.lead.phone === null) return true;
        await lanes.postponeRecipient(laneKey, delivery.lead.phone, effect.forMs);
        return true;
      case 'hold':
        return hold(effect.hold, version);
      case 'hold_item':
        log.error(
          { lane: laneKey, delivery_id: delivery.id, code: effect.hold.code },
          'delivery held: somebody has to look at it',
        );
        return true;
    }
  };

  return {
    lane,
    over: signals.over,
    calls: signals.calls,
    isOver: () => signals.over.aborted,
    claim: async (limit) => (signals.over.aborted ? [] : ledger.claim(laneKey, lease, limit)),
    putBack: (deliveries, inMs) =>
      ledger.putBack(
        lease,
        deliveries.map(({ id }) => id),
        inMs,
      ),
    finish,
    async fail(deliveries, failure, call, options) {
      const settled = deliveries.map((delivery) => ({
        delivery,
        ...settle(delivery, failure, call, {
          ...options,
          isStillDoubtful: options.isDoubtful?.(delivery) ?? options.isStillDoubtful ?? false,
        }),
      }));
      // The lane's own state first: what is retried must not be claimed before the pause stands.
      let isCurrent = true;
      for (const { effect, delivery } of distinctEffects(settled)) {
        isCurrent = (await apply(effect, delivery, options.version)) && isCurrent;
      }
      await finish(settled.map(({ result }) => (isCurrent ? result : retried(result))));
    },
    credentials,
  };
}

const CREDENTIALS_MS = 1_000;

/** Read again after a second: fast enough for a new token, and not once a message. */
function cached<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && performance.now() - last.atMs <= CREDENTIALS_MS) return last.value;
    const value = read();
    const reading = { atMs: performance.now(), value };
    last = reading;
    // An error is not remembered.
    value.catch(() => {
      if (last === reading) last = undefined;
    });
    return value;
  };
}

interface WithEffect {
  readonly delivery: ClaimedDelivery;
  readonly effect: LaneEffect | null;
}

/** A lane is paused or held once for one call, whatever number of deliveries it was for. */
function distinctEffects(settled: readonly WithEffect[]) {
  const first = new Map<string, { effect: LaneEffect; delivery: ClaimedDelivery }>();
  for (const { effect, delivery } of settled) {
    if (effect === null) continue;
    const isOwn = effect.kind === 'postpone_recipient' || effect.kind === 'hold_item';
    const key = isOwn ? `${effect.kind} ${delivery.id}` : effect.kind;
    if (!first.has(key)) first.set(key, { effect, delivery });
  }
  return [...first.values()];
}
