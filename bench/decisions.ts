import { decide, permissionKey, type Principal, type RoleGrants } from '../lib/access/decide.ts';
import { clientIdSchema } from '../lib/core/ids.ts';
import type { Bench } from './bench.ts';
import { ofRounds } from './sides.ts';

const USERS = 10_000;
const PERMISSIONS = 500;
const ROLES = 100;
const ROUNDS = 7;
const DECISIONS_A_ROUND = 1_000_000;
/** Of ten attempts one is for what the role does not hold. */
const REFUSED_EVERY = 10;

/** The rule itself, in process: no request, no database. */
export const bench: Bench = {
  name: 'decisions',
  what: `Permission decisions a second of processor; ${USERS} users, ${PERMISSIONS} permissions, ${ROLES} roles`,
  async run() {
    const { principals, roleOf, attempts } = population();
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      let allowed = 0;
      const before = process.cpuUsage();
      for (let n = 0; n < DECISIONS_A_ROUND; n += 1) {
        const principal = principals[(n * 7919) % USERS];
        const attempt = attempts[n % attempts.length];
        if (principal && attempt && decide(principal, roleOf, attempt).allowed) allowed += 1;
      }
      const { user, system } = process.cpuUsage(before);
      const seconds = (user + system) / 1e6;
      if (allowed === 0 || allowed === DECISIONS_A_ROUND) throw new Error('nothing was decided');
      rates.push(DECISIONS_A_ROUND / seconds);
    }
    return { figures: [ofRounds('rate', '/s', rates)] };
  },
};

function population() {
  const paths = Array.from({ length: PERMISSIONS }, (_none, n) => `/api/clients/{client_id}/x${n}`);
  const held = paths.filter((_path, index) => index % REFUSED_EVERY > 0);
  const roles = Array.from({ length: ROLES }, (_none, n): RoleGrants => {
    const grants = new Map(held.map((path) => [permissionKey('GET', path), path]));
    return { id: `role-${n}`, name: `role ${n}`, level: n, grants };
  });
  const byId = new Map(roles.map((role) => [role.id, role]));
  const clientId = clientIdSchema.parse('bench');
  const principals = Array.from({ length: USERS }, (_none, n): Principal => {
    const membership = { id: `m-${n}`, clientId, roleId: `role-${n % ROLES}` };
    return {
      userId: `user-${n}`,
      isAdmin: false,
      status: 'active',
      memberships: [{ ...membership, clientStatus: 'active' }],
    };
  });
  const attempts = paths.map((path) => ({
    access: 'grant' as const,
    permission: permissionKey('GET', path),
    clientId: 'bench',
  }));
  return { principals, attempts, roleOf: (id: string) => byId.get(id) };
}
