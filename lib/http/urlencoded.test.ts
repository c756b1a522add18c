import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFailure } from '../core/errors.ts';
import { parseUrlencoded } from './urlencoded.ts';

function read(body: string | Buffer) {
  const parsed = parseUrlencoded(Buffer.from(body));
  if (isFailure(parsed)) throw new Error(parsed.detail);
  return parsed;
}

test('escapes that are not UTF-8 are read as windows-1252, field by field, and it is said', () => {
  const { value, warnings } = read('name=M%FCller&city=Z%C3%BCrich&price=5+%80&empty');
  expect(value).toEqual({ name: 'Müller', city: 'Zürich', price: '5 €', empty: '' });
  expect(warnings).toEqual([
    'name was not UTF-8 and was read as windows-1252',
    'price was not UTF-8 and was read as windows-1252',
  ]);
});

test('bytes that are not UTF-8 are read alike, escaped or not', () => {
  const { value } = read(Buffer.from('name=M\u{FC}ller&n%FCtz=1', 'latin1'));
  expect(value).toEqual({ name: 'Müller', nütz: '1' });
});

test('a replacement character that was sent as such is no guess', () => {
  expect(read('name=%EF%BF%BD&x=%zz')).toMatchObject({
    value: { name: '\u{FFFD}', x: '%zz' },
    warnings: [],
  });
});

test('all that a browser sends comes back', () => {
  const fields = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fields, (sent) => {
      expect(read(new URLSearchParams(sent).toString()).value).toEqual(sent);
    }),
  );
});

test('more than a thousand fields are refused before they are made', () => {
  expect(read(Array.from({ length: 1000 }, (_, n) => `f${n}=1`).join('&')).warnings).toEqual([]);
  expect(parseUrlencoded(Buffer.from('a&'.repeat(100_000)))).toMatchObject({
    code: 'validation_failed',
  });
});
