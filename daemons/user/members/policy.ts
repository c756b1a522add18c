import type { Actor } from '../../../lib/audit/audit.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { depthBetween } from '../../../lib/hierarchy/closure.ts';
import { noSuchMember } from '../../../lib/hierarchy/member-rows.ts';
import { seesWholeClient, type UserIdentity } from '../../../lib/identity/identity.ts';
import { isMember } from './store.ts';

/** Somebody signed in, or a machine token, acting on members. */
export type MemberActor = Actor & { readonly identity: UserIdentity };

/**
 * May the actor change or remove this member? Admins and machine tokens any, others only those below them. Of oneself
 * and of those above one knows that they exist; anybody else is not found.
 */
export async function refuseChange(
  unit: ClientUnit,
  actor: UserIdentity,
  memberId: string,
): Promise<Failure | undefined> {
  if (seesWholeClient(actor)) return undefined;
  const own = actor.membership?.id;
  if (own === undefined) return noSuchMember(memberId);
  if (own === memberId) {
    return fail('forbidden', 'Nobody changes their own membership; ask somebody above you.');
  }
  if ((await depthBetween(unit, own, memberId)) !== undefined) return undefined;
  return (await depthBetween(unit, memberId, own)) === undefined
    ? noSuchMember(memberId)
    : fail('forbidden', 'This member is above you; you may change only those below you.');
}

/** May the actor place somebody under this manager? Members under themselves and those below. */
export async function refuseManager(
  unit: ClientUnit,
  actor: UserIdentity,
  managerId: string | null,
): Promise<Failure | undefined> {
  if (managerId === null) {
    return seesWholeClient(actor)
      ? undefined
      : fail('forbidden', 'Only an admin places a member at the top, reporting to nobody.');
  }
  if (seesWholeClient(actor)) {
    return (await isMember(unit, managerId))
      ? undefined
      : badManager(`is no member of ${unit.scope.clientId}`);
  }
  const own = actor.membership?.id;
  const isInScope = own !== undefined && (await depthBetween(unit, own, managerId)) !== undefined;
  return isInScope ? undefined : badManager('is not a member in your part of the hierarchy');
}

function badManager(message: string): Failure {
  return fail('validation_failed', `reports_to_user_client_id ${message}.`, {
    errors: [{ path: 'body.reports_to_user_client_id', message }],
  });
}
