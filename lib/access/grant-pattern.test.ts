import { describe, expect, test } from 'vitest';
import { parseGrantPattern } from './grant-pattern.ts';

const LEADS = '/api/clients/{client_id}/leads';

describe('a grant pattern', () => {
  test.each([
    [`GET ${LEADS}`, 'GET', LEADS, true],
    [`GET ${LEADS}`, 'POST', LEADS, false],
    [`GET ${LEADS}`, 'GET', `${LEADS}/{lead_id}`, false],
    [`* ${LEADS}/**`, 'DELETE', `${LEADS}/{lead_id}`, true],
    [`* ${LEADS}/**`, 'GET', LEADS, true],
    [`* ${LEADS}/**`, 'GET', `${LEADS}-archive`, false],
    ['GET /api/*', 'GET', '/api/roles', true],
    ['GET /api/*', 'GET', '/api/roles/{role_id}', false],
    ['* /**', 'PUT', '/api/anything/at/all', true],
  ])('%s on %s %s: %s', (text, method, path, expected) => {
    expect(parseGrantPattern(text)?.matches({ method, path, reach: 'client' })).toBe(expected);
  });

  test.each([
    ['* /api/clients/{client_id}/**', false],
    ['GET /api/clients/{client_id}/availability', true],
    ['* /api/**', true],
  ])('%s takes in what reaches beyond the client it names: %s', (text, expected) => {
    const asking = { method: 'GET', path: '/api/clients/{client_id}/availability' };
    expect(parseGrantPattern(text)?.matches({ ...asking, reach: 'platform' })).toBe(expected);
  });

  test.each(['', 'GET', 'FETCH /api', 'get /api', 'GET api', 'GET /api extra'])(
    '%j is not one',
    (text) => {
      expect(parseGrantPattern(text)).toBeUndefined();
    },
  );
});
