import type { CallReport, ProviderFailure } from '../../../lib/providers/outcome.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import { readCredentials, type Credentials } from './account.ts';
import type { Hold, LaneStore } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { DeliveryMetrics } from './metrics.ts';
import type { AttemptResult, ClaimedDelivery, Lane } from './model.ts';
import { settle, type LaneEffect, type SettleOptions } from './settle.ts';

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
    options?: SettleOptions & { isDoubtful?: (delivery: ClaimedDelivery) => boolean },
  ): Promise<void>;
  hold(hold: Hold): Promise<void>;
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

  const hold = async (why: Hold): Promise<void> => {
    // Only the first to hold it says so: one alert, however many sends failed.
    if (!(await lanes.hold(laneKey, why))) return;
    deps.metrics.held(lane.integration);
    deps.announcer.announce('leadctl_events');
    log.error(
      { lane: laneKey, code: why.code, detail: why.message },
      'lane held until it is repaired',
    );
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

  const apply = async (effect: LaneEffect, delivery: ClaimedDelivery): Promise<void> => {
    switch (effect.kind) {
      case 'pause':
        return lanes.pause(laneKey, effect.forMs);
      case 'postpone_recipient':
        if (delivery.lead.phone === null) return undefined;
        return lanes.postponeRecipient(laneKey, delivery.lead.phone, effect.forMs);
      case 'hold':
        return hold(effect.hold);
      case 'hold_item':
        log.error(
          { lane: laneKey, delivery_id: delivery.id, code: effect.hold.code },
          'delivery held: somebody has to look at it',
        );
        return undefined;
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
    async fail(deliveries, failure, call, options = {}) {
      const settled = deliveries.map((delivery) => ({
        delivery,
        ...settle(delivery, failure, call, {
          ...options,
          isStillDoubtful: options.isDoubtful?.(delivery) ?? options.isStillDoubtful ?? false,
        }),
      }));
      // The lane's own state first: what is retried must not be claimed before the pause stands.
      for (const { effect, delivery } of distinctEffects(settled)) await apply(effect, delivery);
      await finish(settled.map(({ result }) => result));
    },
    hold,
    credentials: cached(() => readCredentials(deps.account, lane.client_id, lane.integration)),
  };
}

const CREDENTIALS_MS = 1_000;

/** Read again after a second: fast enough for a new token, and not once a message. */
function cached<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly value: Promise<T> } | undefined;
  return () => {
    const atMs = performance.now();
    if (last === undefined || atMs - last.atMs > CREDENTIALS_MS) last = { atMs, value: read() };
    return last.value;
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
