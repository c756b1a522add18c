import { clientIdSchema, newId, type ClientId } from '../../../lib/core/ids.ts';
import type { Principal, RoleGrants } from '../../../lib/access/decide.ts';
import type { AccessSource } from '../bearer.ts';

const ACME = clientIdSchema.parse('acme');
const OTHER = clientIdSchema.parse('other');
const ROLE = newId();

/** What the one role here holds; everything else is denied. */
const GRANTED = [
  'GET /api/clients/{client_id}/things',
  'POST /api/clients/{client_id}/things',
  'GET /api/clients/{client_id}/things/{thing_id}',
  'GET /api/clients/{client_id}/stream',
];

function aPrincipal(given: Partial<Principal> & { in?: ClientId } = {}): Principal {
  return {
    userId: newId(),
    isAdmin: given.isAdmin ?? false,
    status: given.status ?? 'active',
    memberships:
      given.in === undefined
        ? []
        : [{ id: newId(), clientId: given.in, clientStatus: 'active', roleId: ROLE }],
  };
}

export const people = {
  admin: aPrincipal({ isAdmin: true }),
  member: aPrincipal({ in: ACME }),
  foreigner: aPrincipal({ in: OTHER }),
  disabled: aPrincipal({ in: ACME, status: 'disabled' }),
  nobody: aPrincipal(),
} as const satisfies Record<string, Principal>;
export type Person = keyof typeof people;

/** These people, and a role that holds exactly what is granted. */
export function accessOfPeople(): AccessSource & {
  check(): Promise<void>;
  stop(): Promise<void>;
} {
  const byId = new Map<string, Principal>(
    Object.values(people).map((principal) => [principal.userId, principal]),
  );
  const role: RoleGrants = {
    id: ROLE,
    name: 'rep',
    level: 10,
    grants: new Map(GRANTED.map((key) => [key, newId()])),
  };
  return {
    principal: async (userId) => byId.get(userId),
    roles: async () => (roleId) => (roleId === ROLE ? role : undefined),
    sessionOwner: async (sessionId) => sessionId,
    token: async () => undefined,
    noteTokenUse: () => undefined,
    hasClient: async (clientId) => [ACME, OTHER].some((known) => known === clientId),
    check: async () => undefined,
    stop: async () => undefined,
  };
}
