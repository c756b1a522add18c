import { Model } from 'objection';
import { violatedConstraint } from '../../../lib/db/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { API_KEY_SCOPES } from './shapes.ts';

export class ApiKeyRow extends Model {
  static override readonly tableName = 'client_api_keys';
  static override readonly jsonAttributes = ['scopes', 'allowed_origins'];

  declare id: string;
  declare client_id: string;
  declare name: string;
  declare key_hash: Buffer;
  declare key_prefix: string;
  declare scopes: (typeof API_KEY_SCOPES)[number][];
  declare allowed_origins: string[];
  declare rate_limit_per_minute: number | null;
  declare created_at: Date;
  declare expires_at: Date | null;
  declare revoked_at: Date | null;
  declare replaced_at: Date | null;
  declare last_used_at: Date | null;
}

export type ApiKeyInsert = Pick<
  ApiKeyRow,
  | 'id'
  | 'name'
  | 'key_hash'
  | 'key_prefix'
  | 'scopes'
  | 'allowed_origins'
  | 'rate_limit_per_minute'
  | 'expires_at'
>;

export async function insertKey(
  unit: ClientUnit,
  key: ApiKeyInsert,
): Promise<ApiKeyRow | 'name_taken'> {
  try {
    return await ApiKeyRow.query(unit.trx)
      .insert({ ...key, client_id: unit.scope.clientId })
      .returning('*');
  } catch (error) {
    if (violatedConstraint(error) === 'client_api_keys_name') return 'name_taken';
    throw error;
  }
}

/** At most `limit + 1` keys, newest first, the revoked ones too. */
export async function listKeys(
  unit: ClientUnit,
  page: { limit: number; beforeId: string | undefined },
): Promise<ApiKeyRow[]> {
  const query = ApiKeyRow.query(unit.trx)
    .where('client_id', unit.scope.clientId)
    .orderBy('id', 'desc')
    .limit(page.limit + 1);
  if (page.beforeId !== undefined) void query.where('id', '<', page.beforeId);
  return query;
}

/** The key, locked, unless it is revoked. */
export async function lockLiveKey(unit: ClientUnit, id: string): Promise<ApiKeyRow | undefined> {
  return ApiKeyRow.query(unit.trx)
    .findById(id)
    .where('client_id', unit.scope.clientId)
    .whereNull('revoked_at')
    .forUpdate();
}

export async function endKey(
  unit: ClientUnit,
  id: string,
  end: { revoked_at: Date } | { expires_at: Date; replaced_at: Date },
): Promise<void> {
  await ApiKeyRow.query(unit.trx).patch(end).where({ client_id: unit.scope.clientId, id });
}

export type ApiKeyPatch = Partial<
  Pick<ApiKeyRow, 'scopes' | 'allowed_origins' | 'rate_limit_per_minute' | 'expires_at'>
>;

export async function updateKey(
  unit: ClientUnit,
  id: string,
  patch: ApiKeyPatch,
): Promise<ApiKeyRow> {
  return ApiKeyRow.query(unit.trx)
    .patch(patch)
    .where({ client_id: unit.scope.clientId, id })
    .returning('*')
    .first()
    .throwIfNotFound();
}
