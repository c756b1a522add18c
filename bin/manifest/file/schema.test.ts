import { expect, test } from 'vitest';
import { manifestJsonSchema } from './schema.ts';

test('the schema published for editors is that of this version (vitest -u renews it)', async () => {
  await expect(manifestJsonSchema()).toMatchFileSnapshot('../../../docs/manifest.schema.json');
});
