import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillPath } from '../contract/client.ts';
import { matchPath } from './match-path.ts';

const routes = [
  { path: '/api/roles' },
  { path: '/api/clients/{client_id}/leads' },
  { path: '/api/clients/{client_id}/leads/{lead_id}' },
  { path: '/api/clients/{client_id}/leads/stream' },
  { path: '/api/clients/{client_id}/{anything}/stream' },
];

test('a template means itself and leaves its places open', () => {
  const match = matchPath(routes, '/api/clients/{client_id}/leads');
  expect(match?.route).toBe(routes[1]);
  expect(match?.params.size).toBe(0);
});

test('any value fits a place and comes back as it was', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(value, value, (client_id, lead_id) => {
      fc.pre(lead_id !== 'stream');
      const path = fillPath('/api/clients/{client_id}/leads/{lead_id}', { client_id, lead_id });
      const match = matchPath(routes, path);
      expect(match?.route).toBe(routes[2]);
      expect(Object.fromEntries(match?.params ?? [])).toEqual({ client_id, lead_id });
    }),
  );
});

test('a fixed segment wins over a place, in whichever order the routes come', () => {
  for (const order of [routes, routes.toReversed()]) {
    expect(matchPath(order, '/api/clients/acme/leads/stream')?.route.path).toBe(
      '/api/clients/{client_id}/leads/stream',
    );
  }
});

test('a query is no part of the path, and an empty place or a longer path fits nothing', () => {
  expect(matchPath(routes, '/api/roles?limit=1')?.route).toBe(routes[0]);
  expect(matchPath(routes, '/api/clients//leads')).toBeUndefined();
  expect(matchPath(routes, '/api/roles/x')).toBeUndefined();
  expect(matchPath(routes, '/API/roles')).toBeUndefined();
});
