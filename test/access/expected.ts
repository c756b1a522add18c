import { reachOf, type Route } from '../../lib/contract/route.ts';
import type { people } from './callers.ts';
import { keyOf, placeOf, placesOf } from './requests.ts';

export type Person = keyof ReturnType<typeof people>;

/** Those who may least first: what they are refused is still there for the others. */
export const PERSONS: readonly Person[] = [
  'disabled',
  'foreigner',
  'bare',
  'sibling',
  'junior',
  'manager',
  'admin',
];

/** `passes`, or the status and code of the refusal. */
export type Outcome = string;

export const PASSES: Outcome = 'passes';
const UNAUTHENTICATED: Outcome = '401 unauthenticated';
const FORBIDDEN: Outcome = '403 forbidden';
const SUSPENDED: Outcome = '403 client_suspended';
export const NOT_FOUND: Outcome = '404 not_found';

/** Routes whose daemon, once reached, must say no to what the walk can ask: what it says instead. */
const REACHED: Readonly<Record<string, Outcome>> = {
  // Nobody in the walk has a password.
  'POST /api/auth/password/change': '401 invalid_credentials',
  // Nobody in the walk has an authenticator app.
  'POST /api/auth/totp/confirm': '401 invalid_credentials',
  'DELETE /api/auth/totp': '409 conflict',
  // It is of nobody who asks; auth’s own tests end sessions.
  'DELETE /api/auth/sessions/{session_id}': '404 not_found',
  // No client in the walk has a token of its page's.
  'POST /api/clients/{client_id}/meta-sources/{source_id}/reconcile': '409 conflict',
};

/** Routes at which somebody fares otherwise than the rule says. */
const OTHERWISE: Readonly<Record<string, Partial<Record<Person, Outcome>>>> = {
  // Its members are named in the body: those of another client are not found.
  'POST /api/hierarchy/check': { foreigner: NOT_FOUND },
  // Its client is named in the body, and only those at the top of the tree make tokens.
  'POST /api/tokens': { foreigner: NOT_FOUND, sibling: FORBIDDEN, junior: FORBIDDEN },
  // It is a token of the world's client.
  'GET /api/tokens/{token_id}': { foreigner: NOT_FOUND },
  'DELETE /api/tokens/{token_id}': { foreigner: NOT_FOUND },
  // Whoever is asked after somebody who did it meets an archived client.
  'DELETE /api/clients/{client_id}': { junior: SUSPENDED, manager: SUSPENDED },
};

/** What the contract promises each person at a route, before the thing of a world's owner. */
export function expectedAt(route: Route): Record<Person, Outcome> {
  const expected = { ...byRule(route), ...OTHERWISE[keyOf(route)] };
  const reached = REACHED[keyOf(route)] ?? PASSES;
  for (const person of PERSONS) if (expected[person] === PASSES) expected[person] = reached;
  return expected;
}

/** What a token that is none gets, and one that has expired. */
export const expectedOf = (pretender: string): Outcome =>
  pretender === 'expired' ? '401 token_expired' : UNAUTHENTICATED;

/** What machine tokens get: those of a client see all of it, as if they stood above its roots. */
export function expectedOfTokens(route: Route): Record<string, Outcome> {
  const dead = { revoked: UNAUTHENTICATED, 'made up': UNAUTHENTICATED };
  const always = { ...dead, expired: '401 token_expired' };
  const all = ['bare', 'of another', 'of the client', 'of an admin'];
  const alike = (outcome: Outcome) => Object.fromEntries(all.map((name) => [name, outcome]));
  if (route.access === 'user') return { ...alike(FORBIDDEN), ...always };
  const people = expectedAt(route);
  if (route.access === 'bearer')
    return { ...alike(people.admin), ...always, ...OF_TOKENS[keyOf(route)] };
  return {
    ...always,
    bare: FORBIDDEN,
    'of another': people.foreigner,
    'of the client': route.path === '/api/tokens' ? people.admin : people.manager,
    'of an admin': people.admin,
    ...OF_TOKENS[keyOf(route)],
  };
}

/** Routes at which machine tokens fare otherwise than their kind. */
const OF_TOKENS: Readonly<Record<string, Partial<Record<string, Outcome>>>> = {
  // The body asks about a person: only admins ask about others.
  'POST /api/permissions/check': {
    bare: FORBIDDEN,
    'of another': FORBIDDEN,
    'of the client': FORBIDDEN,
  },
  // Nobody has archived it before.
  'DELETE /api/clients/{client_id}': { 'of the client': PASSES },
};

function byRule(route: Route): Record<Person, Outcome> {
  const always = { disabled: UNAUTHENTICATED, admin: PASSES };
  switch (route.access) {
    case 'user':
    case 'bearer':
      return { ...everybody(PASSES), ...always };
    case 'grant':
      return { ...grantedAt(route), ...always };
    case 'public':
    case 'api_key':
    case 'service':
      throw new TypeError(`${keyOf(route)} is not for people with tokens`);
  }
}

function grantedAt(route: Route): Record<Person, Outcome> {
  const held = { ...everybody(PASSES), bare: FORBIDDEN };
  if (reachOf(route) === 'platform') return held;
  const inClient = { ...held, foreigner: NOT_FOUND };
  const owners = new Set(placesOf(route).map((name) => placeOf(name).belongs));
  if (owners.has('owned')) return { ...inClient, sibling: NOT_FOUND, junior: NOT_FOUND };
  if (owners.has('member')) {
    // One knows of those above oneself; what one may not do to them is no secret.
    const junior = route.method === 'GET' ? NOT_FOUND : FORBIDDEN;
    return { ...inClient, sibling: NOT_FOUND, junior };
  }
  return inClient;
}

function everybody(outcome: Outcome): Record<Person, Outcome> {
  return {
    disabled: outcome,
    foreigner: outcome,
    bare: outcome,
    sibling: outcome,
    junior: outcome,
    manager: outcome,
    admin: outcome,
  };
}
