import { expect, test } from 'vitest';
import { referencePage } from '../testing/reference.ts';

test('docs/cli.md describes every command as it is', async () => {
  await expect(await referencePage()).toMatchFileSnapshot('../../docs/cli.md');
});
