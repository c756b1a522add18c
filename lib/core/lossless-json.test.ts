import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bigIdSchema } from './big-id.ts';
import { parseJson } from './lossless-json.ts';

test('an id beyond 2^53 keeps every digit, quoted or not', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (id) => {
      const read = (text: string) => bigIdSchema.parse(parseJson(text));
      expect(read(String(id))).toBe(String(id));
      expect(read(`"${id}"`)).toBe(String(id));
    }),
  );
});

test('everything else reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain: unknown = JSON.parse(text);
      const unsafe = /\d{16,}|e/i.test(text);
      fc.pre(!unsafe);
      expect(parseJson(text)).toEqual(plain);
    }),
  );
  expect(parseJson('{"a":[1.5e300,0.1,-3]}')).toEqual({ a: [1.5e300, 0.1, -3] });
});

test.each(['', '{', '[1,]'])('broken JSON %j throws', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});
