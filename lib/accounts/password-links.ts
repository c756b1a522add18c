import { Model } from 'objection';
import type { Unit } from '../db/scope.ts';
import { sha256 } from '../secrets/tokens.ts';

/** A one-time link: the user daemon hands it out, auth sets a password by it. Its token is not kept. */
export class PasswordLinkRow extends Model {
  static override readonly tableName = 'password_links';
  static override readonly idColumn = 'token_hash';

  declare token_hash: Buffer;
  declare user_id: string;
  declare created_at: Date;
  declare expires_at: Date;
  declare used_at: Date | null;
}

export async function insertLink(
  unit: Unit,
  token: string,
  link: Pick<PasswordLinkRow, 'user_id' | 'created_at' | 'expires_at'>,
): Promise<void> {
  await PasswordLinkRow.query(unit.trx).insert({ ...link, token_hash: sha256(token) });
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

/** One of them set the password: none of the user's sets another. */
export async function endLinks(unit: Unit, userId: string, at: Date): Promise<void> {
  await PasswordLinkRow.query(unit.trx)
    .patch({ used_at: at })
    .where('user_id', userId)
    .whereNull('used_at');
}

/** Links that were not used yet work no longer. */
export async function withdrawLinks(unit: Unit, userId: string): Promise<void> {
  await PasswordLinkRow.query(unit.trx).delete().where('user_id', userId).whereNull('used_at');
}
