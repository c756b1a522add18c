import { expect, test } from 'vitest';
import { isFailure } from '../core/errors.ts';
import { parseItems } from './items-body.ts';

const SPEC = { list: 'leads', mostItems: 1_000 };

test('a long list is read in many turns, so that others are answered in between', async () => {
  const nested = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const bytes = Buffer.from(`{"leads":[${Array.from({ length: 20 }, () => nested).join(',')}]}`);
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    if (isDone) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  const items = await parseItems(bytes, SPEC);
  isDone = true;
  expect(isFailure(items) ? items : items.length).toBe(20);
  expect(turns).toBeGreaterThanOrEqual(10);
});
