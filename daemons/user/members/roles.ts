import { refuseGivingRole } from '../../../lib/access/giving.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { findRole, type RoleRow } from './store.ts';

/** The role that a request names by name or id, if the actor may hand it out; undefined when it names none. */
export async function chooseRole(
  unit: ClientUnit,
  actor: UserIdentity,
  named: { readonly role?: string | undefined; readonly role_id?: string | undefined },
): Promise<RoleRow | Failure | undefined> {
  if (named.role === undefined && named.role_id === undefined) return undefined;
  const role =
    named.role_id === undefined
      ? await findRole(unit, { name: named.role ?? '' })
      : await findRole(unit, { id: named.role_id });
  if (role !== undefined) return (await refuseGivingRole(unit, actor, role.id)) ?? role;
  const field = named.role_id === undefined ? 'role' : 'role_id';
  return fail('validation_failed', `There is no role ${named.role_id ?? named.role}.`, {
    errors: [{ path: `body.${field}`, message: 'no such role' }],
  });
}
