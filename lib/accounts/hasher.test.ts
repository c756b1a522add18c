import { expect, test } from 'vitest';
import { createPasswordHasher } from './hasher.ts';

test('nothing matches the hash that stands for a missing one', async () => {
  const hasher = createPasswordHasher({ rounds: 4 });
  for (const password of ['', '.', 'correct horse battery']) {
    expect(await hasher.matches(password, null)).toBe(false);
  }
});
