import { findUser, lockUser, updateUser, type UserRow } from '../../../lib/accounts/users.ts';
import { hasLinkOfAdmin } from '../../../lib/accounts/password-links.ts';
import { takeBack } from '../../../lib/accounts/take-back.ts';
import { audit } from '../../../lib/audit/audit.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { NewMember } from '../contract.ts';
import { withinOf, type Invitations, type PendingInvitation } from '../invitation.ts';
import { findOrInviteUser } from '../store.ts';
import type { MemberActor } from './policy.ts';
import { hasMembership } from './store.ts';

export interface ChosenAccount {
  readonly user: UserRow;
  readonly isNew: boolean;
  readonly pending: PendingInvitation | undefined;
}

interface Making {
  readonly invitations: Invitations;
  readonly now: Date;
}

/**
 * The account that is to become a member: registered and invited where there was none. One that is
 * there must be proven, or have been invited by this very client; an administrator may vouch for it
 * (`accept_unproven`), whereupon whatever its password and sessions were is over.
 */
export async function chooseAccount(
  unit: ClientUnit,
  actor: MemberActor,
  input: NewMember,
  given: Making,
): Promise<ChosenAccount | Failure> {
  const { isAdmin } = actor.identity;
  // Before anything is looked up: the refusal says nothing of the account.
  if (input.accept_unproven && !isAdmin) {
    return fail('forbidden', 'Only an administrator vouches for an account (accept_unproven).');
  }
  const newUserId = newId();
  const { clientId } = unit.scope;
  const user =
    input.email === undefined
      ? await findUser(unit, input.user_id ?? '')
      : await findOrInviteUser(unit, {
          id: newUserId,
          email: input.email,
          invited_by_client: clientId,
        });
  if (user === undefined) {
    return fail('validation_failed', `There is no user ${input.user_id}.`, {
      errors: [{ path: 'body.user_id', message: 'no such user' }],
    });
  }
  if (user.id === newUserId) return inviteNewcomer(unit, actor, user, given);
  if (await hasMembership(unit, user.id)) return alreadyMember(clientId);
  if (user.status === 'disabled' && isAdmin) {
    return fail('conflict', `User ${user.id} is disabled; enable them first.`);
  }
  const isPending = isAdmin && (await isAdminsToInvite(unit, user, given.now));
  if (user.status !== 'disabled' && (isPending || isBelieved(user, clientId))) {
    return { user, isNew: false, pending: undefined };
  }
  return isAdmin && input.accept_unproven
    ? vouchFor(unit, actor, user.id, given)
    : unproven(isAdmin);
}

/** Whether it is known whose account this is: to everybody, or to the client that invited it. */
function isBelieved(user: UserRow, clientId: string): boolean {
  return user.email_proven || user.is_admin || user.invited_by_client === clientId;
}

/** Nobody has set a password yet, and the only way to is a link that administrators pass on. */
async function isAdminsToInvite(unit: ClientUnit, user: UserRow, now: Date): Promise<boolean> {
  return !user.has_password && (await hasLinkOfAdmin(unit, user.id, now));
}

async function inviteNewcomer(
  unit: ClientUnit,
  actor: MemberActor,
  user: UserRow,
  { invitations, now }: Making,
): Promise<ChosenAccount> {
  await audit(unit, actor, {
    action: 'user.create',
    targetKind: 'user',
    targetId: user.id,
    detail: { is_admin: false, status: user.status },
  });
  const withinClient = withinOf(actor.identity, unit.scope.clientId);
  return { user, isNew: true, pending: await invitations.make(unit, user, { withinClient, now }) };
}

/** Whoever had set the password loses it at this moment, with every session; only the new link sets another. */
async function vouchFor(
  unit: ClientUnit,
  actor: MemberActor,
  userId: string,
  { invitations, now }: Making,
): Promise<ChosenAccount | Failure> {
  const before = await lockUser(unit, userId);
  if (before === undefined || before.status === 'disabled') {
    return fail('conflict', `User ${userId} was disabled or removed meanwhile; look again.`);
  }
  await takeBack(unit, userId, now);
  const user = await updateUser(unit, userId, { email_proven: true, updated_at: now });
  await audit(unit, actor, {
    action: 'user.accept_unproven',
    targetKind: 'user',
    targetId: userId,
    detail: { status: [before.status, user.status] },
  });
  return { user, isNew: false, pending: await invitations.make(unit, user, { now }) };
}

/** Members are told the same of an account that is disabled: it takes an administrator either way. */
function unproven(isAdmin: boolean): Failure {
  return fail(
    'account_unproven',
    isAdmin
      ? 'Anybody may have registered this account: nobody has shown that the address is theirs. With accept_unproven its password and sessions end, and you get a new one-time link for its owner.'
      : 'Nobody has shown whose account this is; only an administrator can make it a member.',
  );
}

export function alreadyMember(clientId: string): Failure {
  return fail('conflict', `This user is a member of ${clientId} already.`);
}
