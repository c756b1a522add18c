import { decide, permissionKey, type RoleGrants } from '../../../lib/access/decide.ts';
import { loadPrincipal, loadRoles } from '../../../lib/access/load.ts';
import { matchPath } from '../../../lib/access/match-path.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Database } from '../../../lib/db/database.ts';
import { userScope, type Unit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { listLiveOfMethod, type PermissionRow } from '../catalogue/store.ts';
import type { AccessAttempt, Verdict } from '../contract.ts';

export interface AccessChecker {
  /** What the gateway would say, and why; about oneself, or about anybody for an admin. */
  check(actor: UserIdentity, attempt: AccessAttempt): Promise<Verdict | Failure>;
}

export function createAccessChecker({ database }: { database: Database }): AccessChecker {
  return {
    async check(actor, attempt) {
      if (!actor.isAdmin && attempt.user_id !== actor.userId) {
        return fail(
          'forbidden',
          'You may ask what you can do yourself; an admin may ask for others.',
        );
      }
      return database.inTransaction(userScope(attempt.user_id), (unit) => judge(unit, attempt));
    },
  };
}

async function judge(unit: Unit, attempt: AccessAttempt): Promise<Verdict | Failure> {
  const principal = await loadPrincipal(unit, attempt.user_id);
  if (principal === undefined) return fail('not_found', `There is no user ${attempt.user_id}.`);
  const match = matchPath(await listLiveOfMethod(unit, attempt.method), attempt.path);
  if (match === undefined && !principal.isAdmin) return unregistered(attempt);
  const clientId = match ? clientOf(match, attempt) : (attempt.client_id ?? undefined);
  if (isFailure(clientId)) return clientId;
  const roles = await loadRoles(unit);
  const decision = decide(principal, (id) => roles.get(id), {
    access: 'grant',
    method: attempt.method,
    path: match?.route.path ?? attempt.path,
    clientId,
  });
  return {
    allowed: decision.allowed,
    reason: decision.reason,
    role: presentRole(decision.role),
    permission_id: match?.route.id ?? null,
  };
}

/** The client that the attempt is about; a path that names none is about none, as at the gateway. */
function clientOf(
  { route, params }: { route: PermissionRow; params: ReadonlyMap<string, string> },
  attempt: AccessAttempt,
): string | undefined | Failure {
  if (!route.path.includes('{client_id}')) return undefined;
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
      'Routes for admins alone, and those open to every signed-in user, are held by no role.',
    role: null,
    permission_id: null,
  };
}

function presentRole(role: RoleGrants | null): Verdict['role'] {
  return role && { id: role.id, name: role.name, level: String(role.level) };
}
