import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPayload, sentText, storePayload } from './payload.ts';

const roundTrip = (text: string) => JSON.stringify(readPayload(storePayload(text)));

describe('a payload', () => {
  test.each([
    '{"n":9007199254740993}',
    '{"n":12345678901234567890}',
    '{"n":1e400}',
    '{"n":1e400000}',
    '{"n":1.00000000000000000001}',
    '{"n":[1.50,-0,1E5,-0.0]}',
    '{"__proto__":{"n":1.0}}',
  ])('%s comes back to the letter', (text) => {
    expect(roundTrip(text)).toBe(text);
  });

  test('of any JSON that is not too deep comes back', () => {
    const lead = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 20 }));
    fc.assert(
      fc.property(lead, (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\\u(?:0000|d[89a-f])/i.test(text));
        expect(roundTrip(text)).toBe(text);
      }),
    );
  });

  test('that is nested without end comes back as its text', () => {
    const text = `{"name":"x","a":${'['.repeat(9000)}${']'.repeat(9000)}}`;
    expect(readPayload(storePayload(text))).toEqual({ _unparsed: text });
    // As older versions stored it.
    expect(readPayload(text)).toEqual({ _unparsed: text });
  });

  test('keeps a backslash before a digit, and mends a NUL and half a pair', () => {
    const text = String.raw`{"a":"\\u0000 \u0000 \ud83d \ud83d\ude00 \\\u0000"}`;
    expect(readPayload(storePayload(text))).toEqual({
      a: '\\u0000 \u{FFFD} \u{FFFD} 😀 \\\u{FFFD}',
    });
  });

  test('with a field of that name beside others is no kept text', () => {
    const text = '{"name":"x","_unparsed":"{\\"name\\":\\"y\\"}"}';
    expect(roundTrip(text)).toBe(text);
  });
});

describe('the text of what was sent', () => {
  const deep = `{"a":${'['.repeat(9000)}${']'.repeat(9000)}}`;

  test.each(['{"n":1e400,"city":"Bonn"}', '{"n":-0}', deep, '{"a":"_unparsed"}'])(
    'of %.40s is to the letter',
    (text) => {
      expect(sentText(storePayload(text))).toBe(text);
    },
  );

  test('is never something that is not JSON, whatever a form sends', () => {
    const forged = '{"_unparsed":"no JSON"}';
    expect(sentText(forged)).toBe(forged);
    expect(readPayload(forged)).toEqual({ _unparsed: 'no JSON' });
  });
});
