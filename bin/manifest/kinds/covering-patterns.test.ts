import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { coveringPatterns, namesMatched } from './covering-patterns.ts';
import { reachOf } from '../../../lib/contract/route.ts';
import { showPermission, type Permission } from './permission.ts';

const LEADS = '/api/clients/{client_id}/leads';
const ALL = [
  `GET ${LEADS}`,
  `POST ${LEADS}`,
  `GET ${LEADS}/{lead_id}`,
  `PATCH ${LEADS}/{lead_id}`,
  `GET ${LEADS}/{lead_id}/timeline`,
  'GET /api/clients/{client_id}/members',
  'POST /api/clients/{client_id}/members',
  'GET /api/clients/{client_id}',
  'GET /api/roles',
  'GET /api/roles/{role_id}',
  'POST /api/roles',
  'GET /api/permissions',
].map((name): Permission => {
  const [verb = '', path = ''] = name.split(' ');
  const method = (['GET', 'POST', 'PATCH'] as const).find((one) => one === verb) ?? 'GET';
  return { method, path, reach: reachOf({ path: `/${path.slice(1)}` }) };
});
const NAMES = ALL.map(showPermission);

function meaning(patterns: readonly string[]): string[] {
  const matched = new Set(patterns.flatMap((text) => namesMatched(text, ALL)));
  return NAMES.filter((name) => matched.has(name));
}

const cover = (...patterns: string[]) => coveringPatterns(new Set(meaning(patterns)), ALL);

test('a pattern that was granted is written as it was given', () => {
  for (const pattern of [
    `* ${LEADS}/**`,
    `GET ${LEADS}/**`,
    `* ${LEADS}`,
    '* /api/clients/{client_id}/**',
    `GET ${LEADS}/{lead_id}/timeline`,
    'GET /api/permissions',
    '* /api/roles',
  ]) {
    expect(cover(pattern)).toEqual([pattern]);
  }
});

test('what a pattern leaves out is not covered by a wider one', () => {
  expect(cover(`GET ${LEADS}/**`, `POST ${LEADS}`)).toEqual([`POST ${LEADS}`, `GET ${LEADS}/**`]);
});

test('a permission that no longer exists is written as it is held', () => {
  expect(coveringPatterns(new Set(['GET /api/permissions', 'GET /api/old']), ALL)).toEqual([
    'GET /api/old',
    'GET /api/permissions',
  ]);
});

test('the patterns mean exactly what is held, and are never more than it', () => {
  fc.assert(
    fc.property(fc.subarray(NAMES), (held) => {
      const patterns = coveringPatterns(new Set(held), ALL);
      expect(meaning(patterns)).toEqual(held);
      expect(patterns.length).toBeLessThanOrEqual(held.length);
    }),
  );
});
