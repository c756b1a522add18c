import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../lib/core/clock.ts';
import type { ClaimedDelivery } from './model.ts';
import { createBuckets, createTokenBucket } from './rate.ts';
import type { LaneRun } from './run.ts';

export interface FlightOptions {
  /** So many calls at a time. */
  readonly inFlight: number;
  /** What the provider's account takes; without it as many as can be. */
  readonly rate?: {
    readonly capacity: number;
    readonly perSecond: number;
    /** Each lane has an account of its own, though its settings do not name it. */
    readonly isByLane?: boolean;
  };
  readonly clock: Clock;
}

/** Sends one delivery and writes down what became of it; says when its call has ended, and its place is free. */
export type SendOne = (delivery: ClaimedDelivery, called: () => void) => Promise<void>;

const LOOK_AGAIN_MS = 50;
/**
 * While more waits than there are places: so long a claim waits for others to become free, so that few
 * claims take many. What the rate allows meanwhile is saved up.
 */
const GATHER_MS = 20;
/** Of the places, once no more are taken than this share, the next are claimed. */
const ENOUGH = 0.5;
const GATHER_RATE_MS = 100;
/** So many may wait to be written down, for each call at a time. */
const UNWRITTEN = 3;
const NO_RATE: NonNullable<FlightOptions['rate']> = { capacity: 1_000_000, perSecond: 1_000_000 };

/** Works a lane until it is empty, each delivery by itself and many at a time, within the account's rate. */
export function createFlights({ inFlight, rate = NO_RATE, clock }: FlightOptions) {
  const buckets = createBuckets(() => createTokenBucket({ ...rate, clock }));

  return async (run: Pick<LaneRun, 'lane' | 'isOver' | 'claim'>, send: SendOne): Promise<void> => {
    const bucket = buckets(rate.isByLane === true ? run.lane.lane_key : run.lane.account);
    const flights = new Set<Promise<void>>();
    const errors: unknown[] = [];
    let calling = 0;
    let freed = Promise.withResolvers<void>();
    // Nobody awaits a flight at first: were it to reject, that would end the process.
    const launch = (delivery: ClaimedDelivery): void => {
      let isCalling = true;
      calling += 1;
      const called = (): void => {
        if (!isCalling) return;
        isCalling = false;
        calling -= 1;
        freed.resolve();
        freed = Promise.withResolvers();
      };
      const flight = send(delivery, called)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => {
          flights.delete(flight);
          called();
        });
      flights.add(flight);
    };
    const isCrowded = (): boolean =>
      calling >= inFlight || flights.size >= inFlight * (1 + UNWRITTEN);
    const gather = async (): Promise<void> => {
      let isLate = false;
      const late = sleep(GATHER_MS).then(() => (isLate = true));
      while (calling > inFlight * ENOUGH && !isLate) await Promise.race([freed.promise, late]);
    };
    try {
      while (!run.isOver() && errors.length === 0) {
        const places = isCrowded() ? 0 : bucket.take(inFlight - calling);
        const claimed = places > 0 ? await run.claim(places) : [];
        bucket.give(places - claimed.length);
        for (const delivery of claimed) launch(delivery);
        if (claimed.length === 0 && places > 0) {
          if (flights.size === 0) break;
          // One that hangs must not keep those that come meanwhile waiting.
          await Promise.race([...flights, sleep(LOOK_AGAIN_MS)]);
        } else if (isCrowded()) {
          await Promise.race([freed.promise, ...flights]);
          await gather();
        } else if (bucket.available() === 0) {
          await sleep(Math.max(bucket.waitMs(), GATHER_RATE_MS));
        }
      }
    } finally {
      await Promise.all(flights);
    }
    if (errors.length > 0) throw errors[0];
  };
}
