import { lockUser, type UserRow } from '../../../lib/accounts/users.ts';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import {
  idCursor,
  readCursor,
  toPage,
  type Page,
  type PageQuery,
} from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, type Unit } from '../../../lib/db/scope.ts';
import type { PersonIdentity } from '../../../lib/identity/identity.ts';
import type { TokenRing } from '../../../lib/identity/tokens.ts';
import { actingAs, originOf, type Caller } from '../actor.ts';
import type { Session, Tokens } from '../contract.ts';
import { presentSession } from './present.ts';
import * as store from './store.ts';
import { createTokenIssuer, type TokenIssuer } from './tokens.ts';

type UserActor = Actor & { readonly identity: PersonIdentity };

export interface SessionService {
  /** Tokens for a user who has just proven to be one, in the caller's transaction. */
  open(unit: Unit, user: UserRow, caller: Caller): Promise<Tokens>;
  /** New tokens for a refresh token; one that was used already ends its whole session. */
  refresh(caller: Caller, refreshToken: string): Promise<Tokens | Failure>;
  /** Ends the session that the token belongs to, if it is the actor's. */
  close(actor: UserActor, refreshToken: string): Promise<void>;
  /** The actor's own live sessions, newest first. */
  list(actor: UserActor, query: PageQuery): Promise<Page<Session> | Failure>;
  /** Ends one of the actor's own. */
  end(actor: UserActor, sessionId: string): Promise<Failure | undefined>;
}

export interface SessionDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly ring: TokenRing;
  readonly accessLifetimeSeconds: number;
  readonly refreshLifetimeSeconds: number;
}

export function createSessionService(deps: SessionDeps): SessionService {
  const { database, clock, ring } = deps;
  const tokens = createTokenIssuer(deps);
  return {
    async open(unit, user, caller) {
      const now = clock();
      const id = newId();
      await store.insertSession(unit, {
        id,
        user_id: user.id,
        created_at: now,
        expires_at: tokens.expiryFrom(now),
        ...originOf(caller),
      });
      return tokens.issue(unit, user, id, now);
    },

    async refresh(caller, refreshToken) {
      if (!ring.verify(refreshToken, 'refresh').ok) return sessionIsOver();
      const outcome = await database.inTransaction(globalScope, (unit) =>
        rotate({ clock, tokens }, unit, caller, refreshToken),
      );
      return outcome === 'ended' ? sessionIsOver() : outcome;
    },

    async close(actor, refreshToken) {
      const { userId } = actor.identity;
      await database.inTransaction(globalScope, async (unit) => {
        await lockUser(unit, userId);
        const found = await store.findByRefreshToken(unit, refreshToken);
        if (found?.session.user_id === userId) await end(unit, actor, found.session.id, clock());
      });
    },

    async list({ identity }, query) {
      const cursor = readCursor(query.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const of = { userId: identity.userId, now: clock(), limit: query.limit };
      const rows = await database.inTransaction(globalScope, (unit) =>
        store.listLiveSessions(unit, { ...of, beforeId: cursor?.[0] }),
      );
      const present = (row: store.SessionRow) => presentSession(row, identity.sessionId);
      return toPage(rows, query.limit, ({ id }) => [id], present);
    },

    end(actor, sessionId) {
      const { userId } = actor.identity;
      return database.inTransaction(globalScope, async (unit) => {
        await lockUser(unit, userId);
        const now = clock();
        const session = await store.findLiveSession(unit, { id: sessionId, userId, now });
        if (session === undefined) {
          return fail('not_found', `You have no session ${sessionId}, or it has ended.`);
        }
        await end(unit, actor, session.id, now);
        return undefined;
      });
    },
  };
}

/** Callers hold the lock of the session's user. */
async function end(unit: Unit, actor: Actor, id: string, at: Date): Promise<void> {
  if (!(await store.endSession(unit, id, at))) return;
  await audit(unit, actor, { action: 'session.close', targetKind: 'session', targetId: id });
}

/** `ended` is no Failure: the end has to be committed. */
async function rotate(
  { clock, tokens }: { clock: Clock; tokens: TokenIssuer },
  unit: Unit,
  caller: Caller,
  refreshToken: string,
): Promise<Tokens | Failure | 'ended'> {
  const known = await store.findByRefreshToken(unit, refreshToken);
  if (known === undefined) return sessionIsOver();
  const user = await lockUser(unit, known.session.user_id);
  // Read again under the lock: a concurrent use of the same token may just have been first.
  const found = await store.findByRefreshToken(unit, refreshToken);
  if (user === undefined || found === undefined || found.session.ended_at !== null) {
    return sessionIsOver();
  }
  const now = clock();
  const { id } = found.session;
  if (found.isUsed || user.status !== 'active') {
    await store.endSession(unit, id, now);
    await audit(unit, actingAs(user, caller), {
      action: found.isUsed ? 'session.reuse' : 'session.end',
      targetKind: 'session',
      targetId: id,
    });
    return 'ended';
  }
  await store.markUsed(unit, refreshToken, { id, at: now, expiresAt: tokens.expiryFrom(now) });
  return tokens.issue(unit, user, id, now);
}

/** One answer for every way in which a refresh token can be of no use. */
function sessionIsOver(): Failure {
  return fail('unauthenticated', 'The refresh token is not, or no longer, valid. Log in again.');
}
