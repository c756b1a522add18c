import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { createRounds, type SourceKey } from './rounds.ts';

const clientId = clientIdSchema.parse('acme');
const ids = Array.from({ length: 20 }, (_none, index) => String(index).padStart(2, '0'));
const sources: SourceKey[] = ids.map((sourceId) => ({ clientId, sourceId }));
const never = new AbortController().signal;

test('every source is worked on once a round, a few at a time, whatever another one throws', async () => {
  const seen: string[] = [];
  const errors: unknown[] = [];
  let [now, most] = [0, 0];
  const run = createRounds({
    list: async () => sources,
    atATime: 3,
    onError: (error) => errors.push(error),
    async work({ sourceId }) {
      seen.push(sourceId);
      most = Math.max(most, (now += 1));
      await sleep(1);
      now -= 1;
      if (sourceId === '04') throw new Error('broken');
    },
  });
  await run(never);
  expect(seen).toEqual(ids);
  expect(most).toBe(3);
  expect(errors).toHaveLength(1);
  await run(never);
  expect(seen).toEqual([...ids, ...ids]);
});

test('a round that is ended early is gone on with, so that the last source has its turn', async () => {
  const seen: string[] = [];
  const runFor = async (count: number): Promise<void> => {
    const end = new AbortController();
    left = { count, end };
    await run(end.signal);
  };
  let left = { count: 0, end: new AbortController() };
  const run = createRounds({
    list: async () => sources,
    atATime: 1,
    onError: () => undefined,
    async work({ sourceId }) {
      seen.push(sourceId);
      left.count -= 1;
      if (left.count === 0) left.end.abort();
    },
  });
  for (let round = 0; round < 4; round += 1) await runFor(7);
  expect(seen).toEqual([...ids, ...ids.slice(0, 8)]);
});
