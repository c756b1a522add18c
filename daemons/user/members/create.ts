import { findUser, type UserRow } from '../../../lib/accounts/users.ts';
import { audit } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import { addToHierarchy, type HierarchyUnit } from '../../../lib/hierarchy/closure.ts';
import type { Member } from '../../../lib/hierarchy/member.ts';
import { noSuchMember, presentMember } from '../../../lib/hierarchy/member-rows.ts';
import type { Invitation, NewMember } from '../contract.ts';
import { invite } from '../invitation.ts';
import { findOrInviteUser } from '../store.ts';
import { refuseManager, type MemberActor } from './policy.ts';
import { chooseRole } from './roles.ts';
import * as store from './store.ts';

export type CreatedMember = Member & { user_existed?: true; invitation?: Invitation };

/** Adds a membership and its place; an e-mail that nobody has is registered and invited on the way. */
export async function createMember(
  unit: HierarchyUnit,
  actor: MemberActor,
  input: NewMember,
  now: Date,
): Promise<CreatedMember | Failure> {
  const role = await chooseRole(unit, actor.identity, input);
  if (isFailure(role)) return role;
  if (role === undefined) return fail('validation_failed', 'Name a role.');
  const reportsTo = defaultManager(actor, input);
  const refusal = await refuseManager(unit, actor.identity, reportsTo);
  if (refusal) return refusal;
  const found = await chooseUser(unit, actor, input, now);
  if (isFailure(found)) return found;
  const { user, invitation } = found;

  const id = newId();
  const isNew = await store.insertMembership(unit, {
    id,
    user_id: user.id,
    role_id: role.id,
    reports_to_user_client_id: reportsTo,
  });
  if (!isNew) {
    return fail('conflict', `This user is a member of ${unit.scope.clientId} already.`);
  }
  await addToHierarchy(unit, { id, reportsTo });
  await audit(unit, actor, {
    action: 'member.create',
    targetKind: 'member',
    targetId: id,
    detail: { user_id: user.id, role: role.name, reports_to: reportsTo },
  });
  const row = await store.readMember(unit, id);
  if (row === undefined) return noSuchMember(id);
  return {
    ...presentMember(row),
    ...(input.email !== undefined && invitation === undefined ? { user_existed: true } : {}),
    ...(invitation ? { invitation } : {}),
  };
}

/** Whom a newcomer reports to when the request does not say: nobody for an admin, else the actor. */
function defaultManager(actor: MemberActor, input: NewMember): string | null {
  if (input.reports_to_user_client_id !== undefined) return input.reports_to_user_client_id;
  return actor.identity.isAdmin ? null : (actor.identity.membership?.id ?? null);
}

async function chooseUser(
  unit: HierarchyUnit,
  actor: MemberActor,
  input: NewMember,
  now: Date,
): Promise<{ user: UserRow; invitation?: Invitation } | Failure> {
  const newUserId = newId();
  const user =
    input.email === undefined
      ? await findUser(unit, input.user_id ?? '')
      : await findOrInviteUser(unit, { id: newUserId, email: input.email });
  if (user === undefined) {
    return fail('validation_failed', `There is no user ${input.user_id}.`, {
      errors: [{ path: 'body.user_id', message: 'no such user' }],
    });
  }
  if (user.status === 'disabled') {
    return fail('conflict', `User ${user.id} is disabled; an admin must enable them first.`);
  }
  if (user.id !== newUserId) return { user };
  await audit(unit, actor, {
    action: 'user.create',
    targetKind: 'user',
    targetId: user.id,
    detail: { is_admin: false, status: user.status },
  });
  return { user, invitation: await invite(unit, user.id, now) };
}
