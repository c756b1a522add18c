import { Model } from 'objection';
import { fail, type Failure } from '../core/errors.ts';
import type { ClientUnit, Unit, UserScope } from '../db/scope.ts';
import { seesWholeClient, type UserIdentity } from '../identity/identity.ts';
import type { Member, Membership } from './member.ts';

/** A membership with what is told of its user and role. */
export class MemberRow extends Model {
  static override readonly tableName = 'user_clients';

  declare id: string;
  declare user_id: string;
  declare client_id: string;
  declare reports_to_user_client_id: string | null;
  declare email: string;
  declare user_status: Member['user_status'];
  declare role_id: string;
  declare role_name: string;
  declare role_level: string;
  /** Only where the closure was joined. */
  declare depth?: number;
}

/** Every member of the unit's client, as `member`; narrow it before running it. */
export function allMembers(unit: ClientUnit) {
  return MemberRow.query(unit.trx)
    .alias('member')
    .join('users', 'users.id', 'member.user_id')
    .join('roles', 'roles.id', 'member.role_id')
    .where('member.client_id', unit.scope.clientId)
    .select(
      'member.id',
      'member.user_id',
      'member.client_id',
      'member.reports_to_user_client_id',
      'users.email',
      'users.status as user_status',
      'member.role_id',
      'roles.name as role_name',
      'roles.level as role_level',
    );
}

/** The `tops` and everyone below them; the closure's row is `link`, how far below is `depth`. */
export function membersUnder(unit: ClientUnit, tops: readonly string[]) {
  return allMembers(unit)
    .join('user_client_hierarchy as link', 'link.descendant_user_client_id', 'member.id')
    .where('link.client_id', unit.scope.clientId)
    .whereIn('link.ancestor_user_client_id', [...tops])
    .select('link.depth');
}

/** Everyone above a member, without the member; the closure's row is `link`. */
export function membersAbove(unit: ClientUnit, id: string) {
  return allMembers(unit)
    .join('user_client_hierarchy as link', 'link.ancestor_user_client_id', 'member.id')
    .where('link.client_id', unit.scope.clientId)
    .where('link.descendant_user_client_id', id)
    .where('link.depth', '>', 0)
    .select('link.depth');
}

/** The members that the actor may see: themselves and everyone below; admins and machine tokens see all. */
export function membersInScope(unit: ClientUnit, actor: UserIdentity) {
  if (seesWholeClient(actor)) return allMembers(unit);
  // Without a membership there is nobody to be below.
  if (actor.membership === null) return allMembers(unit).whereRaw('FALSE');
  return membersUnder(unit, [actor.membership.id]);
}

/** The memberships of the scope's user, in every client; the scope lets nobody else's be seen. */
export async function membershipsOf(unit: Unit<UserScope>): Promise<Membership[]> {
  const rows = await MemberRow.query(unit.trx)
    .alias('member')
    .join('roles', 'roles.id', 'member.role_id')
    .where('member.user_id', unit.scope.userId)
    .orderBy('member.client_id')
    .select(
      'member.id',
      'member.client_id',
      'member.reports_to_user_client_id',
      'member.role_id',
      'roles.name as role_name',
      'roles.level as role_level',
    );
  return rows.map(presentMembership);
}

export function presentMember(row: MemberRow): Member {
  return {
    ...presentMembership(row),
    user_id: row.user_id,
    email: row.email,
    user_status: row.user_status,
  };
}

function presentMembership(row: MemberRow): Membership {
  return {
    id: row.id,
    client_id: row.client_id,
    role: { id: row.role_id, name: row.role_name, level: row.role_level },
    reports_to_user_client_id: row.reports_to_user_client_id,
  };
}

export function noSuchMember(id: string): Failure {
  return fail('not_found', `There is no member ${id} in your part of this client.`);
}
