import { Model } from 'objection';
import type { Unit } from '../../../lib/db/scope.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';
import { revokeSessionsOf } from '../sessions/store.ts';
import { updateUser } from '../store.ts';

/** The user daemon hands links out; here they are used up. */
export class PasswordLinkRow extends Model {
  static override readonly tableName = 'password_links';
  static override readonly idColumn = 'token_hash';

  declare token_hash: Buffer;
  declare user_id: string;
  declare created_at: Date;
  declare expires_at: Date;
  declare used_at: Date | null;
}

/** The link of this token, while it can still be used. */
export async function findLiveLink(
  unit: Unit,
  token: string,
  now: Date,
): Promise<PasswordLinkRow | undefined> {
  return PasswordLinkRow.query(unit.trx)
    .findOne({ token_hash: sha256(token) })
    .whereNull('used_at')
    .where('expires_at', '>', now);
}

/** The new password, and the end of all that rested on the old one. */
export async function storePassword(
  unit: Unit,
  userId: string,
  change: { hash: string; at: Date; keptFamilyId?: string | undefined },
): Promise<void> {
  const { hash, at, keptFamilyId } = change;
  await updateUser(unit, userId, { password_hash: hash, status: 'active', updated_at: at });
  await endLinks(unit, userId, at);
  await revokeSessionsOf(unit, userId, { at, exceptFamilyId: keptFamilyId });
}

async function endLinks(unit: Unit, userId: string, at: Date): Promise<void> {
  await PasswordLinkRow.query(unit.trx)
    .patch({ used_at: at })
    .where('user_id', userId)
    .whereNull('used_at');
}
