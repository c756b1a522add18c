import { Model } from 'objection';
import { violatedConstraint } from '../../../lib/db/errors.ts';
import type { AllClientsScope, ClientScope, Unit } from '../../../lib/db/scope.ts';
import { RoleRow } from '../roles/store.ts';

/** A machine token with what is told of its role. */
export class TokenRow extends Model {
  static override readonly tableName = 'machine_tokens';

  declare id: string;
  declare name: string;
  declare client_id: string | null;
  declare role_id: string | null;
  declare token_hash: Buffer;
  declare token_prefix: string;
  declare created_at: Date;
  declare expires_at: Date | null;
  declare revoked_at: Date | null;
  declare last_used_at: Date | null;
  /** Only where the role was joined. */
  declare role_name?: string | null;
  declare role_level?: number | null;
}

/** Of one client's tokens, or of everybody's: an administrator's belongs to none. */
export type TokenUnit = Unit<ClientScope | AllClientsScope>;

export type TokenInsert = Pick<
  TokenRow,
  | 'id'
  | 'name'
  | 'client_id'
  | 'role_id'
  | 'token_hash'
  | 'token_prefix'
  | 'created_at'
  | 'expires_at'
>;

export async function insertToken(
  unit: TokenUnit,
  token: TokenInsert,
): Promise<'inserted' | 'name_taken'> {
  try {
    await TokenRow.query(unit.trx).insert(token);
    return 'inserted';
  } catch (error) {
    if (violatedConstraint(error) === 'machine_tokens_name') return 'name_taken';
    throw error;
  }
}

function tokensWithRoles(unit: TokenUnit) {
  return TokenRow.query(unit.trx)
    .alias('token')
    .leftJoin('roles', 'roles.id', 'token.role_id')
    .select('token.*', 'roles.name as role_name', 'roles.level as role_level');
}

/** At most `limit + 1` tokens, newest first, the revoked ones too; of these clients, or everybody's. */
export async function listTokens(
  unit: TokenUnit,
  clients: readonly string[] | 'all',
  page: { limit: number; beforeId: string | undefined },
): Promise<TokenRow[]> {
  const query = tokensWithRoles(unit)
    .orderBy('token.id', 'desc')
    .limit(page.limit + 1);
  if (clients !== 'all') void query.whereIn('token.client_id', [...clients]);
  if (page.beforeId !== undefined) void query.where('token.id', '<', page.beforeId);
  return query;
}

export async function findToken(unit: TokenUnit, id: string): Promise<TokenRow | undefined> {
  return tokensWithRoles(unit).where('token.id', id).first();
}

/** False when it was revoked before. */
export async function revokeToken(unit: TokenUnit, id: string, at: Date): Promise<boolean> {
  const count = await TokenRow.query(unit.trx)
    .patch({ revoked_at: at, role_id: null })
    .where({ id })
    .whereNull('revoked_at');
  return count > 0;
}

/** The role, which nobody changes or deletes before the transaction ends. */
export async function findRoleToGive(
  unit: TokenUnit,
  by: { name: string } | { id: string },
): Promise<RoleRow | undefined> {
  return RoleRow.query(unit.trx).where(by).forKeyShare().first();
}
