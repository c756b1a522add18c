import { expect, test } from 'vitest';
import { owed } from '../testing/owed.ts';
import { createFlights } from './flights.ts';
import type { ClaimedDelivery } from './model.ts';

const RATE = { capacity: 3, perSecond: 1_000 };

/** A lane in which `waiting` deliveries wait, until its turn is over. */
function lane(laneKey: string, waiting: number, isOver: () => boolean) {
  const one = owed({});
  let left = waiting;
  return {
    lane: { ...one.lane, lane_key: laneKey, account: 'slack' },
    isOver,
    async claim(limit: number): Promise<readonly ClaimedDelivery[]> {
      const count = Math.min(limit, left);
      left -= count;
      return Array.from({ length: count }, () => one.delivery);
    },
  };
}

/** How many of three go out in each of two lanes of one account at a moment without end. */
async function sentAtOnce(isByLane: boolean): Promise<readonly number[]> {
  const now = new Date();
  const flights = createFlights({ inFlight: 3, rate: { ...RATE, isByLane }, clock: () => now });
  const sent = [0, 0];
  for (const index of [0, 1]) {
    let looks = 0;
    const run = lane(`lane-${index}`, 3, () => (looks += 1) > 3);
    await flights(run, async () => {
      sent[index] = (sent[index] ?? 0) + 1;
    });
  }
  return sent;
}

test('the lanes of one account share its rate', async () => {
  expect(await sentAtOnce(false)).toEqual([3, 0]);
});

test('where settings do not name the account, each lane has a rate of its own', async () => {
  expect(await sentAtOnce(true)).toEqual([3, 3]);
});
