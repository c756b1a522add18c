import { Model } from 'objection';
import type { Unit } from '../../../lib/db/scope.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';

/** A login and all that comes of it. */
export class SessionRow extends Model {
  static override readonly tableName = 'sessions';

  declare id: string;
  declare user_id: string;
  declare created_at: Date;
  /** The login, or the last refresh since. */
  declare last_used_at: Date;
  declare expires_at: Date;
  declare ended_at: Date | null;
  declare ip: string | null;
  declare user_agent: string | null;
}

/** A refresh token of a session, kept when it was used so that its reuse is noticed. */
class RefreshTokenRow extends Model {
  static override readonly tableName = 'refresh_tokens';
  static override readonly idColumn = 'token_hash';

  declare token_hash: Buffer;
  declare session_id: string;
  declare created_at: Date;
  declare expires_at: Date;
  declare used_at: Date | null;
}

export interface FoundToken {
  readonly session: SessionRow;
  readonly isUsed: boolean;
}

/** By the token itself: to hold it is to be allowed to use it. */
export async function findByRefreshToken(
  unit: Unit,
  refreshToken: string,
): Promise<FoundToken | undefined> {
  const token = await RefreshTokenRow.query(unit.trx).findById(sha256(refreshToken));
  if (token === undefined) return undefined;
  const session = await SessionRow.query(unit.trx).findById(token.session_id).throwIfNotFound();
  return { session, isUsed: token.used_at !== null };
}

export type NewSession = Pick<
  SessionRow,
  'id' | 'user_id' | 'created_at' | 'expires_at' | 'ip' | 'user_agent'
>;

export async function insertSession(unit: Unit, session: NewSession): Promise<void> {
  await SessionRow.query(unit.trx).insert({ ...session, last_used_at: session.created_at });
}

/** The session goes on with this token, until it expires. */
export async function insertRefreshToken(
  unit: Unit,
  refreshToken: string,
  token: { session_id: string; created_at: Date; expires_at: Date },
): Promise<void> {
  await RefreshTokenRow.query(unit.trx).insert({ ...token, token_hash: sha256(refreshToken) });
}

/** The token has been exchanged; its session is in use and goes on. */
export async function markUsed(
  unit: Unit,
  refreshToken: string,
  session: { id: string; at: Date; expiresAt: Date },
): Promise<void> {
  await RefreshTokenRow.query(unit.trx)
    .patch({ used_at: session.at })
    .where({ token_hash: sha256(refreshToken) });
  await SessionRow.query(unit.trx)
    .patch({ last_used_at: session.at, expires_at: session.expiresAt })
    .where({ id: session.id });
}

/** False when it had ended already. */
export async function endSession(unit: Unit, id: string, at: Date): Promise<boolean> {
  const ended = await SessionRow.query(unit.trx)
    .patch({ ended_at: at })
    .where({ id })
    .whereNull('ended_at');
  return ended > 0;
}

/** A user's session that is still live. */
export async function findLiveSession(
  unit: Unit,
  by: { id: string; userId: string; now: Date },
): Promise<SessionRow | undefined> {
  return SessionRow.query(unit.trx)
    .findOne({ id: by.id, user_id: by.userId })
    .whereNull('ended_at')
    .where('expires_at', '>', by.now);
}

/** At most `limit + 1` live sessions, newest first: the extra one tells that there is a next page. */
export async function listLiveSessions(
  unit: Unit,
  of: { userId: string; now: Date; limit: number; beforeId: string | undefined },
): Promise<SessionRow[]> {
  const query = SessionRow.query(unit.trx)
    .where({ user_id: of.userId })
    .whereNull('ended_at')
    .where('expires_at', '>', of.now)
    .orderBy('id', 'desc')
    .limit(of.limit + 1);
  if (of.beforeId !== undefined) void query.where('id', '<', of.beforeId);
  return query;
}
