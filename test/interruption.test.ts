import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { accessToken, getJson, startUp, workplace, type Workplace } from './platform.ts';

const REQUESTS_PER_SECOND = 500;
/** So many leads are acknowledged before the interruption. */
const ENOUGH = 150;
/** The load goes on for this long after it. */
const AFTER_MS = 500;
const LONGEST_LOAD_MS = 20_000;

let at: Workplace;
beforeAll(async () => {
  at = await workplace(21_400);
});
afterAll(() => at.remove());

const page = z.object({
  data: z.array(z.object({ id: z.string() })),
  next_cursor: z.string().nullable(),
});

async function storedIds(gateway: string): Promise<Set<string>> {
  const headers = { authorization: `Bearer ${await accessToken(gateway)}` };
  const ids = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = `limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const got = page.parse(
      await getJson(`${gateway}/api/clients/acme/leads?${query}`, { headers }),
    );
    for (const { id } of got.data) ids.add(id);
    cursor = got.next_cursor;
  }
  return ids;
}

test.each([
  ['Ctrl-C', 'SIGINT'],
  ['kill -9 of everything', 'SIGKILL'],
] as const)(
  '%s in the middle of 500 requests a second loses no acknowledged lead',
  async (_how, signal) => {
    const platform = await startUp(at);
    const { gateway, demo } = platform.ready;
    const acknowledged: string[] = [];
    let interrupted = false;
    const post = async (n: number): Promise<void> => {
      try {
        const response = await fetch(`${gateway}/api/leads/ingest`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': demo.api_key },
          body: JSON.stringify({ name: `Lead ${n}`, email: `lead${n}@example.com` }),
        });
        if (response.status === 201)
          acknowledged.push(z.object({ id: z.string() }).parse(await response.json()).id);
      } catch (error) {
        // Refused or cut off: the form was told nothing, so nothing is promised.
        if (!interrupted) throw error;
      }
    };
    const underway: Promise<void>[] = [];
    const startedAt = performance.now();
    let endsAt = startedAt + LONGEST_LOAD_MS;
    for (let n = 0; performance.now() < endsAt; n += 1) {
      underway.push(post(n));
      if (!interrupted && acknowledged.length > ENOUGH) {
        interrupted = true;
        endsAt = performance.now() + AFTER_MS;
        platform.process.kill(signal);
      }
      const due = startedAt + (n + 1) * (1000 / REQUESTS_PER_SECOND);
      if (due > performance.now()) await sleep(due - performance.now());
    }
    await Promise.all(underway);
    await platform.stop();
    expect(acknowledged.length).toBeGreaterThan(ENOUGH);

    const again = await startUp(at);
    const stored = await storedIds(again.ready.gateway);
    const lost = acknowledged.filter((id) => !stored.has(id));
    expect(lost).toEqual([]);
    await again.stop();
  },
);
