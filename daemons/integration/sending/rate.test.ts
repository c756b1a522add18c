import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBuckets, createTokenBucket } from './rate.ts';

test('never more goes through than was saved up and has come in since', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2_000), fc.nat(100)), { maxLength: 50 }), (steps) => {
      let nowMs = 0;
      let taken = 0;
      const bucket = createTokenBucket({
        capacity: 16,
        perSecond: 64,
        clock: () => new Date(nowMs),
      });
      for (const [passMs, wanted] of steps) {
        nowMs += passMs;
        taken += bucket.take(wanted);
        expect(taken).toBeLessThanOrEqual(16 + (nowMs / 1000) * 64 + 1e-6);
      }
    }),
  );
});

test('the wait it names is long enough', () => {
  let nowMs = 0;
  const bucket = createTokenBucket({ capacity: 1, perSecond: 0.9, clock: () => new Date(nowMs) });
  expect(bucket.take(1)).toBe(1);
  nowMs += bucket.waitMs();
  expect(bucket.take(1)).toBe(1);
});

test('of too many buckets the longest unused goes', () => {
  const make = () => createTokenBucket({ capacity: 1, perSecond: 0, clock: () => new Date(0) });
  const bucketOf = createBuckets(make, 2);
  bucketOf('a').take(1);
  bucketOf('b').take(1);
  bucketOf('a');
  bucketOf('c');
  expect([bucketOf('a').available(), bucketOf('b').available()]).toEqual([0, 1]);
});
