import {
  decide,
  explain,
  permissionKey,
  type Principal,
  type RoleGrants,
} from '../../../lib/access/decide.ts';
import { loadPrincipal, loadRoles } from '../../../lib/access/load.ts';
import { matchPath } from '../../../lib/access/match-path.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, userScope, type Unit } from '../../../lib/db/scope.ts';
import {
  actingRole,
  callerId,
  type TokenIdentity,
  type UserIdentity,
} from '../../../lib/identity/identity.ts';
import { listLiveOfMethod, type PermissionRow } from '../catalogue/store.ts';
import type { AccessAttempt, Verdict } from '../contract.ts';

export interface AccessChecker {
  /** What the gateway would say, and why; about oneself, a machine token too, or about anybody for an admin. */
  check(actor: UserIdentity, attempt: AccessAttempt): Promise<Verdict | Failure>;
}

export function createAccessChecker({ database }: { database: Database }): AccessChecker {
  return {
    async check(actor, attempt) {
      const isAboutSelf = attempt.user_id === callerId(actor);
      if (!actor.isAdmin && !isAboutSelf) {
        return fail(
          'forbidden',
          'You may ask what you can do yourself; an admin may ask for others.',
        );
      }
      if (actor.kind === 'token' && isAboutSelf) {
        return database.inTransaction(globalScope, (unit) =>
          judge(unit, attempt, asPrincipal(actor)),
        );
      }
      return database.inTransaction(userScope(attempt.user_id), async (unit) => {
        const principal = await loadPrincipal(unit, attempt.user_id);
        return principal === undefined
          ? fail('not_found', `There is no user ${attempt.user_id}.`)
          : judge(unit, attempt, principal);
      });
    },
  };
}

type Judged = Pick<Principal, 'isAdmin' | 'status' | 'memberships'>;

/** A token that has come this far is live, and so is its client. */
function asPrincipal(actor: TokenIdentity): Judged {
  const acting = actingRole(actor);
  const membership = acting && {
    id: actor.tokenId,
    clientId: acting.clientId,
    clientStatus: 'active' as const,
    roleId: acting.roleId,
  };
  return { isAdmin: actor.isAdmin, status: 'active', memberships: membership ? [membership] : [] };
}

async function judge(
  unit: Unit,
  attempt: AccessAttempt,
  principal: Judged,
): Promise<Verdict | Failure> {
  const match = matchPath(await listLiveOfMethod(unit, attempt.method), attempt.path);
  if (match === undefined && !principal.isAdmin) return unregistered(attempt);
  const clientId = match ? clientOf(match, attempt) : (attempt.client_id ?? undefined);
  if (isFailure(clientId)) return clientId;
  const roles = await loadRoles(unit);
  const permission = permissionKey(attempt.method, match?.route.path ?? attempt.path);
  const decision = decide(principal, (id) => roles.get(id), {
    access: 'grant',
    permission,
    clientId,
  });
  return {
    allowed: decision.allowed,
    reason: explain(decision, { permission }),
    role: presentRole(decision.role),
    permission_id: match?.route.id ?? null,
  };
}

/** The client that the attempt is about; a path that names none is about none, as at the gateway. */
function clientOf(
  { route, params }: { route: PermissionRow; params: ReadonlyMap<string, string> },
  attempt: AccessAttempt,
): string | undefined | Failure {
  if (route.reach === 'platform') return undefined;
  const inPath = params.get('client_id');
  const given = attempt.client_id ?? undefined;
  if (inPath !== undefined && given !== undefined && inPath !== given) {
    return refuseClient(`the path is about ${inPath}`);
  }
  return inPath ?? given ?? refuseClient('needed: the path leaves open which client is meant');
}

function refuseClient(message: string): Failure {
  return fail('validation_failed', `body.client_id: ${message}.`, {
    errors: [{ path: 'body.client_id', message }],
  });
}

function unregistered({ method, path }: AccessAttempt): Verdict {
  return {
    allowed: false,
    reason:
      `No daemon has registered ${permissionKey(method, path)} as something that a role can hold. ` +
      'Routes open to anybody, or to every signed-in user, are held by no role.',
    role: null,
    permission_id: null,
  };
}

function presentRole(role: RoleGrants | null): Verdict['role'] {
  return role && { id: role.id, name: role.name, level: String(role.level) };
}
