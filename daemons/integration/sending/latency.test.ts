import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let kit: DeliveryKit;

beforeAll(async () => {
  kit = await startDeliveryKit();
});

afterAll(async () => {
  await kit.drop();
});

const LEADS = 21;

test(
  'on an idle system a committed lead is at WhatsApp in under 50 ms, at the median',
  { timeout: 30_000 },
  async () => {
    await kit.client('acme', { sheets: false });
    await kit.worker();
    await kit.leads('acme', 1);
    await kit.until(() => kit.providers.messages.length === 1);
    const latenciesMs: number[] = [];
    for (let count = 1; count <= LEADS; count += 1) {
      await sleep(100);
      const { committedAtMs } = await kit.leads('acme', 1);
      await kit.until(() => kit.providers.messages.length === count + 1);
      latenciesMs.push((kit.providers.messages.at(-1)?.atMs ?? Infinity) - committedAtMs);
    }
    const median = latenciesMs.toSorted((a, b) => a - b)[Math.floor(LEADS / 2)];
    expect(median).toBeLessThan(50);
  },
);
