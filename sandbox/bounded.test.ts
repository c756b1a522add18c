import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedList, createBoundedMap } from './bounded.ts';

describe('bounded collections', () => {
  it('a list keeps exactly the newest entries, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, limit) => {
        const list = createBoundedList<number>(limit);
        for (const item of items) list.add(item);
        expect(list.all()).toEqual(items.slice(-limit));
      }),
    );
  });

  it('a map forgets what came first, and a changed value keeps its place', () => {
    const map = createBoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect(map.entries()).toEqual([
      ['b', 2],
      ['c', 4],
    ]);
  });
});
