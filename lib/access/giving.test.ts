import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoleGrants } from './decide.ts';
import { asGivable, refuseGiving } from './giving.ts';

const KEYS = [
  'GET /api/clients/{client_id}/leads',
  'POST /api/clients/{client_id}/leads',
  'POST /api/clients/{client_id}/api-keys',
  'PATCH /api/users/{user_id}',
  'GET /api/users',
];

const role = (name: string, level: number, grants: readonly string[]): RoleGrants => ({
  id: name,
  name,
  level,
  grants: new Map(grants.map((key) => [key, key])),
});

const aRole = (name: string) =>
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.subarray(KEYS))
    .map(([level, grants]) => role(name, level, grants));

describe('giving a role', () => {
  test('is allowed exactly to whoever is as senior and holds all of it', () => {
    fc.assert(
      fc.property(aRole('own'), aRole('given'), (own, given) => {
        const isWithin =
          given.level >= own.level && [...given.grants.keys()].every((key) => own.grants.has(key));
        expect(refuseGiving(own, asGivable(given)) === undefined).toBe(isWithin);
      }),
    );
  });

  test('never lets anybody pass on more than they had, however many hands it goes through', () => {
    fc.assert(
      fc.property(fc.array(aRole('role'), { minLength: 2, maxLength: 5 }), (chain) => {
        const isPassedOn = chain.every((given, index) => {
          const own = chain[index - 1];
          return own === undefined || refuseGiving(own, asGivable(given)) === undefined;
        });
        const [first] = chain;
        const last = chain.at(-1);
        if (!isPassedOn || first === undefined || last === undefined) return;
        expect([...last.grants.keys()].filter((key) => !first.grants.has(key))).toEqual([]);
      }),
    );
  });

  test('says which grant is the first in excess, by path and method', () => {
    const own = role('manager', 20, ['GET /api/users']);
    const given = role('integrator', 30, [...KEYS].toReversed());
    expect(refuseGiving(own, asGivable(given))).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('holds POST /api/clients/{client_id}/api-keys, which'),
    });
    expect(refuseGiving(undefined, asGivable(given))).toMatchObject({ code: 'forbidden' });
  });
});
