import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { width, wrap } from './width.ts';

describe('wrap', () => {
  it('breaks at blanks and cuts what is too much', () => {
    expect(wrap('make a new token and set it', 10, 3)).toEqual([
      'make a new',
      'token and',
      'set it',
    ]);
    expect(wrap('make a new token and set it', 10, 2)).toEqual(['make a new', 'token and…']);
    expect(wrap('short', 10, 3)).toEqual(['short']);
    expect(wrap('donaudampfschiff', 6, 4)).toEqual(['donaud', 'ampfsc', 'hiff']);
  });

  it('never takes more room than it is given, and loses nothing while there is room', () => {
    const word = fc.stringMatching(/^[a-z李🐉]{1,12}$/u);
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 30 }),
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (words, cells, most) => {
          const text = words.join(' ');
          const lines = wrap(text, cells, most);
          expect(lines.length).toBeLessThanOrEqual(most);
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(cells);
          const whole = wrap(text, cells, 1_000).join('').replaceAll(' ', '');
          expect(whole).toBe(words.join(''));
        },
      ),
    );
  });
});
