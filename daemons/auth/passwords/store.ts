import { Model } from 'objection';
import type { Unit } from '../../../lib/db/scope.ts';
import { endPasswordLinks } from '../../../lib/identity/password-links.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';
import { revokeSessionsOf } from '../sessions/store.ts';
import { updateUser } from '../store.ts';

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
  await endPasswordLinks(unit, userId, at);
  await revokeSessionsOf(unit, userId, { at, exceptFamilyId: keptFamilyId });
}
