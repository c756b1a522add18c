import { randomBytes } from 'node:crypto';
import { Model } from 'objection';
import type { ClientId } from '../core/ids.ts';
import type { Unit } from '../db/scope.ts';
import { sha256 } from '../secrets/tokens.ts';

export type LinkPurpose = 'invitation' | 'reset';

/** A one-time link with which a user sets a password. Its token is not kept. */
export class PasswordLinkRow extends Model {
  static override readonly tableName = 'password_links';
  static override readonly idColumn = 'token_hash';

  declare token_hash: Buffer;
  declare user_id: string;
  declare purpose: LinkPurpose;
  /** It went to the user's address alone. */
  declare by_mail: boolean;
  /** Shown to a member of this client: of no use to an account that can do anything outside it. */
  declare within_client: string | null;
  declare created_at: Date;
  declare expires_at: Date;
  declare used_at: Date | null;
}

export interface NewLink {
  readonly token: string;
  readonly expiresAt: Date;
}

const HOUR_MS = 3_600_000;
const LIFETIME_MS = { invitation: 7 * 24 * HOUR_MS, reset: HOUR_MS } as const satisfies Record<
  LinkPurpose,
  number
>;
const TOKEN_BYTES = 32;

/** A link valid for 7 days as an invitation, for an hour as a reset; it replaces earlier ones of its kind. */
export async function replaceLink(
  unit: Unit,
  link: {
    readonly userId: string;
    readonly purpose: LinkPurpose;
    readonly byMail: boolean;
    readonly withinClient?: ClientId | undefined;
    readonly now: Date;
  },
): Promise<NewLink> {
  const { userId, purpose, now } = link;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(now.getTime() + LIFETIME_MS[purpose]);
  await withdrawLinks(unit, userId, purpose);
  await PasswordLinkRow.query(unit.trx).insert({
    token_hash: sha256(token),
    user_id: userId,
    purpose,
    by_mail: link.byMail,
    within_client: link.withinClient ?? null,
    created_at: now,
    expires_at: expiresAt,
  });
  return { token, expiresAt };
}

/** The mail did not go out: somebody else than the user gets to see the link. */
export async function markShown(unit: Unit, token: string): Promise<void> {
  await PasswordLinkRow.query(unit.trx)
    .patch({ by_mail: false })
    .where({ token_hash: sha256(token) });
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

/** Whether there is a link for the user's password, and none that anybody but an admin has seen. */
export async function hasLinkOfAdmin(unit: Unit, userId: string, now: Date): Promise<boolean> {
  const links = await PasswordLinkRow.query(unit.trx)
    .where('user_id', userId)
    .whereNull('used_at')
    .where('expires_at', '>', now);
  return links.length > 0 && links.every(({ within_client }) => within_client === null);
}

/** One of them set the password: none of the user's sets another. */
export async function endLinks(unit: Unit, userId: string, at: Date): Promise<void> {
  await PasswordLinkRow.query(unit.trx)
    .patch({ used_at: at })
    .where('user_id', userId)
    .whereNull('used_at');
}

/** Links that were not used yet work no longer; all of them unless a purpose is named. */
export async function withdrawLinks(
  unit: Unit,
  userId: string,
  purpose?: LinkPurpose,
): Promise<void> {
  const query = PasswordLinkRow.query(unit.trx)
    .delete()
    .where('user_id', userId)
    .whereNull('used_at');
  if (purpose !== undefined) void query.where({ purpose });
  await query;
}
