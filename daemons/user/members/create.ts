import { audit } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import { addToHierarchy, type HierarchyUnit } from '../../../lib/hierarchy/closure.ts';
import type { Member } from '../../../lib/hierarchy/member.ts';
import { noSuchMember, presentMember } from '../../../lib/hierarchy/member-rows.ts';
import type { NewMember } from '../contract.ts';
import type { Invitations, PendingInvitation } from '../invitation.ts';
import { alreadyMember, chooseAccount } from './account.ts';
import { refuseManager, type MemberActor } from './policy.ts';
import { chooseRole } from './roles.ts';
import * as store from './store.ts';

/** The link is given out once the transaction is through. */
export interface MadeMember {
  readonly member: Member & { user_existed?: true };
  readonly pending: PendingInvitation | undefined;
}

/** Adds a membership and its place; an e-mail that nobody has is registered and invited on the way. */
export async function createMember(
  unit: HierarchyUnit,
  actor: MemberActor,
  input: NewMember,
  { invitations, now }: { invitations: Invitations; now: Date },
): Promise<MadeMember | Failure> {
  const role = await chooseRole(unit, actor.identity, input);
  if (isFailure(role)) return role;
  if (role === undefined) return fail('validation_failed', 'Name a role.');
  const reportsTo = defaultManager(actor, input);
  const refusal = await refuseManager(unit, actor.identity, reportsTo);
  if (refusal) return refusal;
  const found = await chooseAccount(unit, actor, input, { invitations, now });
  if (isFailure(found)) return found;
  const { user, pending, isNew: isNewAccount } = found;

  const id = newId();
  const isNew = await store.insertMembership(unit, {
    id,
    user_id: user.id,
    role_id: role.id,
    reports_to_user_client_id: reportsTo,
  });
  if (!isNew) return alreadyMember(unit.scope.clientId);
  await addToHierarchy(unit, { id, reportsTo });
  await audit(unit, actor, {
    action: 'member.create',
    targetKind: 'member',
    targetId: id,
    detail: { user_id: user.id, role: role.name, reports_to: reportsTo },
  });
  const row = await store.readMember(unit, id);
  if (row === undefined) return noSuchMember(id);
  // Whether an address has an account is nobody's business who cannot look it up anyway.
  const didExist = !isNewAccount && input.email !== undefined && actor.identity.isAdmin;
  return {
    member: { ...presentMember(row), ...(didExist ? { user_existed: true } : {}) },
    pending,
  };
}

/** Whom a newcomer reports to when the request does not say: nobody for admins and tokens, else the actor. */
function defaultManager(actor: MemberActor, input: NewMember): string | null {
  if (input.reports_to_user_client_id !== undefined) return input.reports_to_user_client_id;
  return actor.identity.membership?.id ?? null;
}
