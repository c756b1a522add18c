import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STATUSES } from '../../deliveries/shapes.ts';
import { MOVES } from './states.ts';

const HOME = 'daemons/integration/sending/transitions/';
const PRODUCT = '{bin,daemons,lib,sandbox,migrations}/**/*.ts';

const sources = globSync(PRODUCT)
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !/\.test\.ts$|\/testing\//.test(path));

/** The assignments of each statement that changes deliveries. */
const assignments = (text: string): string[] =>
  [...text.matchAll(/\bUPDATE\s+deliveries\b(.*?)\b(?:FROM|WHERE|RETURNING)\b/gis)].map(
    ([, set = '']) => set,
  );
const writesStatus = (text: string): boolean =>
  assignments(text).some((set) => /\bstatus\s*=|FRESH_ROUND/.test(set)) ||
  /\bINSERT\s+INTO\s+deliveries\b/i.test(text) ||
  /\bDeliveryRow\.query\([^)]*\)\s*\.(?:patch|update|insert)/.test(text);

test('a delivery’s status is written in one place', () => {
  const writers = sources.filter((path) => writesStatus(readFileSync(path, 'utf8')));
  expect(writers.filter((path) => !path.startsWith(HOME))).toEqual([]);
  // The search itself finds what there is.
  expect(writers.length).toBeGreaterThanOrEqual(8);
  expect(writesStatus(`UPDATE deliveries d SET lease = NULL, status = 'held' WHERE id = 1`)).toBe(
    true,
  );
});

test('every status is reached by some move, and every one that ends may be started again', () => {
  const reached = new Set<string>(Object.values(MOVES).flatMap(({ to }) => [...to]));
  expect(STATUSES.filter((status) => !reached.has(status))).toEqual([]);
  const restartable = new Set<string>(MOVES.restart.from);
  const ends = STATUSES.filter((status) => !['delivered', 'delivering'].includes(status));
  expect(ends.filter((status) => !restartable.has(status))).toEqual([]);
});
