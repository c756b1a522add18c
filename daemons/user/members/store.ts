import { Model } from 'objection';
import { violatedConstraint } from '../../../lib/db/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { allMembers, membersInScope, type MemberRow } from '../../../lib/hierarchy/member-rows.ts';
import { seesWholeClient, type UserIdentity } from '../../../lib/identity/identity.ts';
import type { MemberFilters } from '../contract.ts';
import { emailContaining } from '../store.ts';

export class RoleRow extends Model {
  static override readonly tableName = 'roles';

  declare id: string;
  declare name: string;
  /** A whole number; the lower, the more senior. */
  declare level: string;
}

class MembershipRow extends Model {
  static override readonly tableName = 'user_clients';

  declare id: string;
  declare user_id: string;
  declare client_id: string;
  declare role_id: string;
  declare reports_to_user_client_id: string | null;
  declare updated_at: Date;
}

/** At most `limit + 1` of the members that the actor may see, newest first. */
export async function listMembers(
  unit: ClientUnit,
  actor: UserIdentity,
  filters: MemberFilters,
  beforeId: string | undefined,
): Promise<MemberRow[]> {
  // Each scope is read in the order of an index of its own.
  const idColumn = seesWholeClient(actor) ? 'member.id' : 'link.descendant_user_client_id';
  const query = membersInScope(unit, actor).limit(filters.limit + 1);
  if (seesWholeClient(actor) || actor.membership !== null) {
    void query.orderBy(idColumn, 'desc');
    if (beforeId !== undefined) void query.where(idColumn, '<', beforeId);
  }
  if (filters.q !== undefined) void query.where('users.email', 'like', emailContaining(filters.q));
  return query;
}

export async function findMember(
  unit: ClientUnit,
  actor: UserIdentity,
  id: string,
): Promise<MemberRow | undefined> {
  return membersInScope(unit, actor).where('member.id', id).first();
}

/** A member of the client, whoever asks. */
export async function readMember(unit: ClientUnit, id: string): Promise<MemberRow | undefined> {
  return allMembers(unit).where('member.id', id).first();
}

/** Whether the user is a member of the client. */
export async function hasMembership(unit: ClientUnit, userId: string): Promise<boolean> {
  const membership = await MembershipRow.query(unit.trx)
    .where({ client_id: unit.scope.clientId, user_id: userId })
    .select('id')
    .first();
  return membership !== undefined;
}

export async function isMember(unit: ClientUnit, id: string): Promise<boolean> {
  const member = await MembershipRow.query(unit.trx)
    .where({ client_id: unit.scope.clientId, id })
    .select('id')
    .first();
  return member !== undefined;
}

/** The role, which nobody deletes before the transaction ends. */
export async function findRole(
  unit: ClientUnit,
  by: { name: string } | { id: string },
): Promise<RoleRow | undefined> {
  return RoleRow.query(unit.trx).where(by).forKeyShare().first();
}

export type MembershipInsert = Pick<
  MembershipRow,
  'id' | 'user_id' | 'role_id' | 'reports_to_user_client_id'
>;

/** False when the user is a member of the client already. */
export async function insertMembership(
  unit: ClientUnit,
  membership: MembershipInsert,
): Promise<boolean> {
  try {
    await MembershipRow.query(unit.trx).insert({ ...membership, client_id: unit.scope.clientId });
    return true;
  } catch (error) {
    if (violatedConstraint(error) === 'user_clients_user_id_client_id_key') return false;
    throw error;
  }
}

export async function setRole(
  unit: ClientUnit,
  id: string,
  change: { role_id: string; updated_at: Date },
): Promise<void> {
  await MembershipRow.query(unit.trx).patch(change).where({ client_id: unit.scope.clientId, id });
}

export async function deleteMembership(unit: ClientUnit, id: string): Promise<void> {
  await MembershipRow.query(unit.trx).delete().where({ client_id: unit.scope.clientId, id });
}
