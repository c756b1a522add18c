import type { CallReport, ProviderFailure } from '../../../lib/providers/outcome.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import type { RunStatement } from '../../../lib/db/statement.ts';
import { readCredentials, type AccountDeps, type Credentials } from './account.ts';
import { cached } from './cached.ts';
import type { Ledger } from './ledger.ts';
import { applyEffect } from './effects.ts';
import type { DeliveryMetrics } from './metrics.ts';
import type { DeliveryTraces } from './traces.ts';
import type { AttemptResult, ClaimedDelivery, Lane } from './model.ts';
import {
  failed,
  retried,
  UNREADABLE,
  settle,
  written,
  type LaneEffect,
  type SettleOptions,
} from './settle.ts';
import type { Recipient } from './transitions/begin-message.ts';
import { peopleOf, type People } from './people.ts';
import { suppressedOf } from './suppressed.ts';
import type { SuppressionChannel } from '../suppressions/shapes.ts';
import { claim } from './transitions/claim.ts';
import { disable, type Reason } from './transitions/disable.ts';
import { putBack } from './transitions/put-back.ts';

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
  claim(limit: number): Promise<readonly ClaimedDelivery[]>;
  /** To be called right before a provider is: those that are still ours, and no other may be sent. */
  begin(deliveries: readonly ClaimedDelivery[]): Promise<ReadonlySet<string>>;
  /**
   * As `begin`, for a message to a person; undefined when it is no longer ours. `own`: the phone of one of
   * the client's own people; null: the lead's.
   */
  beginMessage(delivery: ClaimedDelivery, own: string | null): Promise<Recipient | undefined>;
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
  /** Who works on a lead now. */
  people(leadId: string): Promise<People>;
  /** Those of the addresses that the client may not write to now. */
  suppressed(
    channel: SuppressionChannel,
    addresses: readonly string[],
  ): Promise<ReadonlySet<string>>;
  /** Switches the lane's destination off: its receiver wants nothing more, ever. */
  disable(reason: Reason): Promise<void>;
}

export interface LaneRunDeps {
  readonly run: RunStatement;
  readonly ledger: Ledger;
  readonly announcer: Announcer;
  readonly metrics: DeliveryMetrics;
  readonly traces?: DeliveryTraces | undefined;
  readonly log: Logger;
  readonly account: AccountDeps;
}

export function createLaneRun(
  deps: LaneRunDeps,
  lane: Lane,
  lease: string,
  signals: { over: AbortSignal; calls: AbortSignal },
): LaneRun {
  const { run, ledger, log } = deps;
  const laneKey = lane.lane_key;
  /** Whose it is, for whoever reads the log. */
  const about = { lane: laneKey, client_id: lane.client_id, destination: lane.name };

  const credentials = cached(CREDENTIALS_MS, () => readCredentials(deps.account, lane));

  const settleAll = async (results: readonly AttemptResult[]): Promise<void> => {
    if (results.length === 0) return;
    const finished = await ledger.finish(results.map((result) => ({ ...result, lease })));
    deps.metrics.called(lane.kind, results);
    deps.traces?.ended(lane.kind, results);
    for (const one of finished) deps.metrics.finished(lane.kind, one.status, one.lag_ms);
    if (finished.length < results.length) {
      log.warn({ ...about, lost: results.length - finished.length }, 'leases were lost');
    }
    deps.announcer.announce('leadctl_events');
  };

  /** False when the failure belongs to settings that are gone: it is no verdict on these. */
  const apply = async (
    effect: LaneEffect,
    delivery: ClaimedDelivery,
    version: number | null,
  ): Promise<boolean> => {
    const { phone } = delivery.lead;
    const outcome = await applyEffect(run, { laneKey, phone, version }, effect);
    if (effect.kind === 'hold_item') {
      const { code } = effect.hold;
      log.error(
        { ...about, delivery_id: delivery.id, code },
        'delivery held: somebody has to look at it',
      );
    }
    // Only the first to hold a lane says so: one alert, however many sends failed.
    if (outcome === 'held' && effect.kind === 'hold') {
      deps.metrics.held(lane.kind);
      deps.announcer.announce('leadctl_events');
      const { code, message } = effect.hold;
      log.error({ ...about, code, detail: message }, 'lane held until it is repaired');
    }
    return outcome !== 'stale';
  };

  return {
    lane,
    over: signals.over,
    calls: signals.calls,
    isOver: () => signals.over.aborted,
    async claim(limit) {
      if (signals.over.aborted) return [];
      const { deliveries, unreadable } = await claim(run, laneKey, lease, limit);
      await settleAll(unreadable.map((one) => failed(one, UNREADABLE)));
      return deliveries;
    },
    async begin(deliveries) {
      const ours = await ledger.begin(deliveries.map(({ id }) => ({ lease, id })));
      const lost = deliveries.filter(({ id }) => !ours.has(id)).length;
      if (lost > 0) log.warn({ ...about, lost }, 'leases were lost before a call');
      return ours;
    },
    beginMessage: ({ id, lead }, own) => ledger.beginMessage({ lease, id, own, phone: lead.phone }),
    async putBack(deliveries, inMs) {
      const ids = deliveries.map(({ id }) => id);
      await putBack(run, lease, ids, inMs);
    },
    finish: settleAll,
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
      await settleAll(settled.map((one) => (isCurrent ? written(one) : retried(one.result))));
    },
    credentials,
    people: (leadId) => peopleOf(run, lane.client_id, leadId),
    suppressed: (channel, addresses) => suppressedOf(run, lane.client_id, channel, addresses),
    async disable(reason) {
      if (!(await disable(run, lane.destination_id, reason))) return;
      log.error({ ...about, ...reason }, 'destination switched off by its receiver');
      deps.announcer.announce('leadctl_events');
    },
  };
}

/** Fast enough for a new token, and not once a message. */
const CREDENTIALS_MS = 1_000;

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
