import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementsOf, membersOf, withoutMember } from './json-parts.ts';
import { cutDeeper, scanJson } from './json-scan.ts';

/** By the book, for what a parser takes. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const spaced = fc
  .tuple(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'))
  .map(([value, space]) => JSON.stringify(value, undefined, space));

describe('a scan', () => {
  test('finds the depth and the members that a parser would find', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        let keys = 0;
        const value: unknown = JSON.parse(text, (key, inner: unknown) => {
          if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
            keys += Object.keys(inner).length;
          return inner;
        });
        expect(scanJson(text)).toMatchObject({ depth: depthOf(value), keys });
      }),
    );
  });

  test('never throws, whatever the text', () => {
    const torn = fc.array(fc.constantFrom('{', '[', ']', '}', '"', '\\', ',', ':', '-', '1', 'e'));
    const texts = fc.oneof(
      fc.string(),
      torn.map((parts) => parts.join('')),
    );
    const walked = fc.property(texts, (text) => {
      scanJson(text);
      cutDeeper(text, 2);
    });
    expect(fc.check(walked)).toMatchObject({ failed: false });
  });

  test.each([
    ['1', false, false],
    ['-12.5', false, false],
    ['999999999999999', false, false],
    ['9007199254740993', true, false],
    ['12345678901234567890', true, false],
    ['1.00000000000000000001', true, false],
    ['1.50', true, false],
    ['1e400', true, true],
    ['1E5', true, true],
    ['1e+21', false, true],
    ['-0', true, true],
    ['-0.0', true, true],
    ['"1e400 and 12345678901234567890"', false, false],
  ])('tells whether %s is the same to a double and to numeric', (number, rounds, respells) => {
    expect(scanJson(`{"n":[${number}]}`)).toMatchObject({
      roundsNumbers: rounds,
      respellsNumbers: respells,
    });
  });

  test('of eight million brackets takes no stack', () => {
    const text = `${'['.repeat(4_000_000)}${']'.repeat(4_000_000)}`;
    expect(scanJson(text).depth).toBe(4_000_000);
    expect(cutDeeper(text, 3)).toBe('[[[null]]]');
  });
});

test('cutting leaves what is shallow to the letter, and nothing that is deep', () => {
  fc.assert(
    fc.property(spaced, fc.integer({ min: 1, max: 8 }), (text, levels) => {
      const cut = cutDeeper(text, levels);
      expect(scanJson(cut).depth).toBeLessThanOrEqual(levels);
      expect(cut === text).toBe(scanJson(text).depth <= levels);
      expect(() => JSON.parse(cut)).not.toThrow();
    }),
  );
});

describe('parts of a text', () => {
  test('are the members and elements that a parser would find, repeated ones too', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(0, 2),
        (value, space) => {
          const text = ` ${JSON.stringify(value, undefined, space)} `;
          const members = membersOf(text).map(({ key, valueFrom, to }) => [
            key,
            JSON.parse(text.slice(valueFrom, to)),
          ]);
          expect(Object.fromEntries(members)).toEqual(JSON.parse(text));
        },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), (value, space) => {
        const elements = elementsOf(JSON.stringify(value, undefined, space), Infinity);
        expect(elements.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(membersOf('{"a":1,"a":2}').map(({ key }) => key)).toEqual(['a', 'a']);
  });

  test('stay to the letter when one is taken out, however it is written', () => {
    const text = '{ "a" : 1e400, "\\u005fkey":"secret" ,"__proto__":{"x":1.50},"_key":[1] }';
    expect(withoutMember(text, '_key')).toBe('{"a" : 1e400,"__proto__":{"x":1.50}}');
  });

  test.each(['', '[', '{', '{"a"}', '{"a":1', '{"a":1}x', '{"a":1 2}', '{,}', '{1:2}'])(
    'of %j are none',
    (text) => {
      expect(() => membersOf(text)).toThrow(SyntaxError);
    },
  );

  test.each(['[1 2]', '[,]', '[1,]', '[1', '[1]]'])('of the list %j are none', (text) => {
    expect(() => elementsOf(text, 10)).toThrow(SyntaxError);
  });
});
