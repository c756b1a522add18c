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

const LOOK_AGAIN_MS = 50;
const NO_RATE: NonNullable<FlightOptions['rate']> = { capacity: 1_000_000, perSecond: 1_000_000 };

/** Works a lane until it is empty, each delivery by itself and many at a time, within the account's rate. */
export function createFlights({ inFlight, rate = NO_RATE, clock }: FlightOptions) {
  const buckets = createBuckets(() => createTokenBucket({ ...rate, clock }));

  return async (
    run: Pick<LaneRun, 'lane' | 'isOver' | 'claim'>,
    send: (delivery: ClaimedDelivery) => Promise<void>,
  ): Promise<void> => {
    const bucket = buckets(rate.isByLane === true ? run.lane.lane_key : run.lane.account);
    const flights = new Set<Promise<void>>();
    const errors: unknown[] = [];
    // Nobody awaits a flight at first: were it to reject, that would end the process.
    const launch = (delivery: ClaimedDelivery): void => {
      const flight = send(delivery)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => flights.delete(flight));
      flights.add(flight);
    };
    try {
      while (!run.isOver() && errors.length === 0) {
        const places = bucket.take(inFlight - flights.size);
        const claimed = places > 0 ? await run.claim(places) : [];
        bucket.give(places - claimed.length);
        for (const delivery of claimed) launch(delivery);
        if (claimed.length === 0 && places > 0 && flights.size === 0) break;
        // One that hangs must not keep those that come meanwhile waiting.
        if (claimed.length === 0 && places > 0)
          await Promise.race([...flights, sleep(LOOK_AGAIN_MS)]);
        else if (flights.size >= inFlight) await Promise.race(flights);
        else if (bucket.available() === 0) await sleep(bucket.waitMs());
      }
    } finally {
      await Promise.all(flights);
    }
    if (errors.length > 0) throw errors[0];
  };
}
