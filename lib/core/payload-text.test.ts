import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { payloadTexts } from './payload-text.ts';

test('strings, lists of strings and nothing read as people write them', () => {
  const json =
    '{"city": "Köln, \\"Süd\\"", "tags": ["a", "b, c"], "none": null, "is_ok": true, "empty": []}';
  expect(payloadTexts(json)).toEqual({
    city: 'Köln, "Süd"',
    tags: 'a, b, c',
    none: '',
    is_ok: 'true',
    empty: '',
  });
});

test('a number keeps each of its digits', () => {
  const json =
    '{"id": 12345678901234567890, "big": 1e400, "small": -0.10, "in": {"a": [9007199254740993]}}';
  expect(payloadTexts(json)).toEqual({
    id: '12345678901234567890',
    big: '1e400',
    small: '-0.10',
    in: '{"a":[9007199254740993]}',
  });
});

test.each([
  ['lists', '[', ']'],
  ['objects', '{"a":', '}'],
])('%s within one another as deep as you like are read', (_what, open, close) => {
  const depth = 100_000;
  const value = open.repeat(depth) + (open === '[' ? '' : '1') + close.repeat(depth);
  const texts = payloadTexts(`{"deep": ${value}, "after": 1}`);
  expect(texts['after']).toBe('1');
  expect(texts['deep']).toHaveLength(value.length);
});

test.each(['[]', '"text"', '12', 'null', ''])('%j is no object and has no members', (json) => {
  expect(payloadTexts(json)).toEqual({});
});

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** As JSON keeps it: no -0. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('every member of every object is found, and nested ones mean what they meant', () => {
  const values = fc.oneof(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(fc.dictionary(fc.string(), values), fc.boolean(), (given, isSpaced) => {
      const texts = payloadTexts(JSON.stringify(given, null, isSpaced ? 1 : undefined));
      expect(Object.keys(texts).toSorted()).toEqual(Object.keys(given).toSorted());
      const names = Object.keys(given);
      const strings = names.filter((name) => typeof given[name] === 'string');
      expect(strings.map((name) => texts[name])).toEqual(strings.map((name) => given[name]));
      const objects = names.filter((name) => isObject(given[name]));
      expect(objects.map((name) => plain(JSON.parse(texts[name] ?? '')))).toEqual(
        objects.map((name) => plain(given[name])),
      );
    }),
  );
});
