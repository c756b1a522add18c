import { Model } from 'objection';
import type { Unit } from '../../../lib/db/scope.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';

/** One refresh token. Those that follow from the same login share a family. */
export class RefreshSessionRow extends Model {
  static override readonly tableName = 'refresh_sessions';

  declare id: string;
  declare family_id: string;
  declare user_id: string;
  declare token_hash: Buffer;
  declare created_at: Date;
  declare expires_at: Date;
  declare used_at: Date | null;
  declare revoked_at: Date | null;
}

/** By the token itself: to hold it is to be allowed to use it. */
export async function findSession(
  unit: Unit,
  refreshToken: string,
): Promise<RefreshSessionRow | undefined> {
  return RefreshSessionRow.query(unit.trx).findOne({ token_hash: sha256(refreshToken) });
}

export async function insertSession(
  unit: Unit,
  session: Pick<RefreshSessionRow, 'id' | 'family_id' | 'user_id' | 'created_at' | 'expires_at'>,
  refreshToken: string,
): Promise<void> {
  await RefreshSessionRow.query(unit.trx).insert({
    ...session,
    token_hash: sha256(refreshToken),
  });
}

export async function markUsed(unit: Unit, id: string, at: Date): Promise<void> {
  await RefreshSessionRow.query(unit.trx).patch({ used_at: at }).where({ id });
}

export async function revokeFamily(unit: Unit, familyId: string, at: Date): Promise<void> {
  await RefreshSessionRow.query(unit.trx)
    .patch({ revoked_at: at })
    .where('family_id', familyId)
    .whereNull('revoked_at');
}
