import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, retryDelayMs, type DecideContext } from './decide.ts';
import { because, hold, retry, type Verdict } from './outcome.ts';
import { classOf, verdictOf, type GraphErrorTable } from './meta/graph-errors.ts';
import { metaErrors } from './meta/errors.ts';
import { whatsAppErrors } from './whatsapp/errors.ts';

const first: DecideContext = { attempt: 1, ageMs: 0, random: () => 0.5 };
const outcome = (verdict: Verdict) => because(verdict, { code: 'x', message: 'y' });

/** Expectations in one line each: what comes next, for whom, and after how long at attempt 1 and 3. */
type Row = readonly [
  codes: readonly string[],
  next: string,
  scope: string | null,
  waitsMs: readonly [number, number] | null,
];

const DAY_MS = 86_400_000;

const WHATSAPP: readonly Row[] = [
  [['1', '2', '131000', '131016', '133004', '131057'], 'retrying', 'delivery', [500, 2_000]],
  [['130429', '80007', '4'], 'retrying', 'lane', [500, 2_000]],
  [['131056'], 'retrying', 'recipient', [1_000, 16_000]],
  [['131049', '130472'], 'retrying', 'recipient', [DAY_MS, DAY_MS]],
  [['131048', '131042', '131031', '368', '190', '10', '200', '250', '299'], 'held', 'lane', null],
  [['131026', '131047', '131050', '131051'], 'failed', null, null],
  [
    [
      '132000',
      '132001',
      '132005',
      '132007',
      '132012',
      '132015',
      '132016',
      '100',
      '131008',
      '131009',
      '133010',
    ],
    'held',
    'template',
    null,
  ],
];

const META: readonly Row[] = [
  [['1', '2'], 'retrying', 'delivery', [500, 2_000]],
  [['4', '17', '32', '341', '613', '80001', '80005'], 'retrying', 'lane', [500, 2_000]],
  [['190', '102', '10', '200', '299', '103', '368'], 'held', 'lane', null],
  [['100/33'], 'retrying', 'delivery', [500, 2_000]],
];

const errorOf = (code: string) => {
  const [main = '', sub] = code.split('/');
  return {
    code: Number(main),
    subcode: sub === undefined ? null : Number(sub),
    isTransient: false,
  };
};

const providers: readonly { provider: string; table: GraphErrorTable; rows: readonly Row[] }[] = [
  { provider: 'WhatsApp', table: whatsAppErrors, rows: WHATSAPP },
  { provider: 'Meta', table: metaErrors, rows: META },
];

describe.each(providers)('$provider error classes', ({ table, rows }) => {
  const cases = rows.flatMap(([codes, ...expected]) =>
    codes.map((code) => [code, ...expected] as const),
  );

  test.each(cases)('%s is %s (%s), after %j ms', (code, next, scope, waitsMs) => {
    const failure = outcome(verdictOf(table, errorOf(code)));
    const decided = decide(failure, first);
    const later = decide(failure, { ...first, attempt: 3, ageMs: 10_000 });
    expect(decided.next).toBe(next);
    expect('scope' in decided ? decided.scope : null).toBe(scope);
    const delays = [decided, later].map((one) => ('delayMs' in one ? one.delayMs : null));
    expect(delays).toEqual(waitsMs ?? [null, null]);
  });

  test('every code in the table has its expectation here', () => {
    const tested = new Set(cases.map(([code]) => code));
    expect(Object.keys(table.codes).filter((code) => !tested.has(code))).toEqual([]);
  });

  test('a code that is not listed is retried, then looked at by a human, unless transient', () => {
    const unlisted = { code: 999_999, subcode: null, isTransient: false };
    const failure = outcome(verdictOf(table, unlisted));
    expect(decide(failure, first)).toMatchObject({ next: 'retrying' });
    expect(decide(failure, { ...first, attempt: 5 })).toMatchObject({
      next: 'held',
      scope: 'item',
    });
    expect(classOf(table, { ...unlisted, isTransient: true })).toBe('transient');
  });

  test('every hold says what to do', () => {
    const remedies = Object.values(table.classes).flatMap((one: Verdict) =>
      one.kind === 'hold' ? [one.remedy] : [],
    );
    expect(remedies.length).toBeGreaterThan(2);
    for (const remedy of remedies) expect(remedy).toMatch(/^[A-Z].{30,}\.$/);
  });
});

test('a missing object is parked after a few retries', () => {
  const failure = outcome(verdictOf(metaErrors, { code: 100, subcode: 33, isTransient: false }));
  expect(decide(failure, { ...first, attempt: 4 }).next).toBe('retrying');
  expect(decide(failure, { ...first, attempt: 5 })).toMatchObject({ next: 'held', scope: 'item' });
});

test('a wait that the provider names is honoured, whatever the back-off says', () => {
  const failure = because(retry(), { code: 'x', message: 'y' }, 120_000);
  expect(decide(failure, first)).toMatchObject({ next: 'retrying', delayMs: 120_000 });
});

test('a delivery fails when its window is over, though not before a wait of 24 h was tried', () => {
  const late = { ...first, attempt: 20, ageMs: DAY_MS };
  expect(decide(outcome(retry()), late)).toEqual({ next: 'failed' });
  const nextDay = outcome(retry({ notBeforeMs: DAY_MS }));
  expect(decide(nextDay, first)).toMatchObject({ next: 'retrying', delayMs: DAY_MS });
  expect(decide(nextDay, { ...first, attempt: 2, ageMs: DAY_MS })).toEqual({ next: 'failed' });
});

test('what may have happened is never simply sent again', () => {
  const status = outcome({ kind: 'unknown', resolve: 'await_status' });
  expect(decide(status, first)).toEqual({
    next: 'unknown',
    resolve: 'await_status',
    delayMs: 3_600_000,
  });
  const look = outcome({ kind: 'unknown', resolve: 'look_first' });
  expect(decide(look, first)).toEqual({ next: 'unknown', resolve: 'look_first', delayMs: 500 });
});

test('a hold keeps its scope, its remedy and when to look again', () => {
  expect(decide(outcome(hold('lane', 'Do it.', 5)), first)).toEqual({
    next: 'held',
    scope: 'lane',
    remedy: 'Do it.',
    recheckAfterMs: 5,
  });
});

test('the back-off doubles from about 1 s, is jittered, and stays under its ceiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, at) => {
        const context = { attempt, maxDelayMs: 60_000, random: () => at };
        const delayMs = retryDelayMs(retry(), context);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (attempt - 1)));
      },
    ),
  );
});
