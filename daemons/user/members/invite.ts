import { lockUser } from '../../../lib/accounts/users.ts';
import { isOfAnybody, takeBack } from '../../../lib/accounts/take-back.ts';
import { refuseGivingRole } from '../../../lib/access/giving.ts';
import { audit } from '../../../lib/audit/audit.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { HierarchyUnit } from '../../../lib/hierarchy/closure.ts';
import { noSuchMember } from '../../../lib/hierarchy/member-rows.ts';
import { withinOf, type Invitations, type PendingInvitation } from '../invitation.ts';
import { refuseChange, type MemberActor } from './policy.ts';
import * as store from './store.ts';

/**
 * A new link for a member whose e-mail nobody has proven yet; an earlier one, and whatever was set with
 * it, stops working.
 */
export async function inviteMember(
  unit: HierarchyUnit,
  actor: MemberActor,
  { id, invitations, now }: { id: string; invitations: Invitations; now: Date },
): Promise<PendingInvitation | Failure> {
  const refusal = await refuseChange(unit, actor.identity, id);
  if (refusal) return refusal;
  const member = await store.readMember(unit, id);
  if (member === undefined) return noSuchMember(id);
  const user = await lockUser(unit, member.user_id);
  if (user === undefined) return noSuchMember(id);
  // Whoever sees the link can be this member: it is as much as giving themselves the role.
  const excess = await refuseGivingRole(unit, actor.identity, member.role_id);
  if (excess) return excess;
  if (user.status === 'disabled') {
    return fail('conflict', `User ${user.id} is disabled; an admin must enable them first.`);
  }
  if (user.status === 'active' && user.email_proven) {
    return fail(
      'conflict',
      `${user.email} is in use and proven by its owner, who chooses a new password at /account/#forgot.`,
    );
  }
  if (user.is_admin && !actor.identity.isAdmin) {
    return fail('forbidden', 'This member is an admin; only another admin may invite them anew.');
  }
  // Somebody who saw an earlier link may be in it: they are out now, not when this one is opened.
  if (isOfAnybody(user)) await takeBack(unit, user.id, now);
  const pending = await invitations.make(unit, user, {
    withinClient: withinOf(actor.identity, unit.scope.clientId),
    now,
  });
  await audit(unit, actor, { action: 'member.invite', targetKind: 'member', targetId: id });
  return pending;
}
