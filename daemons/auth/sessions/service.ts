import { lockUser, type UserRow } from '../../../lib/accounts/users.ts';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, type Unit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { TokenRing } from '../../../lib/identity/tokens.ts';
import { actingAs, type Caller } from '../actor.ts';
import type { Tokens } from '../contract.ts';
import * as store from './store.ts';

export interface SessionService {
  /** Tokens for a user who has just proven to be one, in the caller's transaction. */
  open(unit: Unit, user: UserRow): Promise<Tokens>;
  /** New tokens for a refresh token; one that was used already ends its whole family. */
  refresh(caller: Caller, refreshToken: string): Promise<Tokens | Failure>;
  /** Ends the session that the token belongs to, if it is the actor's. */
  close(actor: Actor & { identity: UserIdentity }, refreshToken: string): Promise<void>;
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
  return {
    open: (unit, user) => issue(deps, unit, user, newId()),

    async refresh(caller, refreshToken) {
      if (!ring.verify(refreshToken, 'refresh').ok) return sessionIsOver();
      const outcome = await database.inTransaction(globalScope, (unit) =>
        rotate(deps, unit, caller, refreshToken),
      );
      return outcome === 'revoked' ? sessionIsOver() : outcome;
    },

    async close(actor, refreshToken) {
      const { userId } = actor.identity;
      await database.inTransaction(globalScope, async (unit) => {
        await lockUser(unit, userId);
        const session = await store.findSession(unit, refreshToken);
        if (session === undefined || session.user_id !== userId) return;
        await store.revokeFamily(unit, session.family_id, clock());
        await audit(unit, actor, {
          action: 'session.close',
          targetKind: 'session',
          targetId: session.family_id,
        });
      });
    },
  };
}

/** `revoked` is no Failure: the revocation has to be committed. */
async function rotate(
  deps: SessionDeps,
  unit: Unit,
  caller: Caller,
  refreshToken: string,
): Promise<Tokens | Failure | 'revoked'> {
  const known = await store.findSession(unit, refreshToken);
  if (known === undefined) return sessionIsOver();
  const user = await lockUser(unit, known.user_id);
  // Read again under the lock: a concurrent use of the same token may just have been first.
  const session = await store.findSession(unit, refreshToken);
  if (user === undefined || session === undefined || session.revoked_at !== null) {
    return sessionIsOver();
  }
  const now = deps.clock();
  if (session.used_at !== null || user.status !== 'active') {
    await store.revokeFamily(unit, session.family_id, now);
    await audit(unit, actingAs(user, caller), {
      action: session.used_at === null ? 'session.end' : 'session.reuse',
      targetKind: 'session',
      targetId: session.family_id,
    });
    return 'revoked';
  }
  await store.markUsed(unit, session.id, now);
  return issue(deps, unit, user, session.family_id);
}

async function issue(
  deps: SessionDeps,
  unit: Unit,
  user: UserRow,
  familyId: string,
): Promise<Tokens> {
  const { clock, ring, accessLifetimeSeconds, refreshLifetimeSeconds } = deps;
  const now = clock();
  const id = newId();
  const subject = { id: user.id, email: user.email, isAdmin: user.is_admin };
  const refreshToken = ring.issue({
    type: 'refresh',
    user: subject,
    jti: id,
    lifetimeSeconds: refreshLifetimeSeconds,
  });
  await store.insertSession(
    unit,
    {
      id,
      family_id: familyId,
      user_id: user.id,
      created_at: now,
      expires_at: new Date(now.getTime() + refreshLifetimeSeconds * 1000),
    },
    refreshToken,
  );
  return {
    access_token: ring.issue({
      type: 'access',
      user: subject,
      jti: newId(),
      lifetimeSeconds: accessLifetimeSeconds,
    }),
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_in: accessLifetimeSeconds,
    refresh_expires_in: refreshLifetimeSeconds,
  };
}

/** One answer for every way in which a refresh token can be of no use. */
function sessionIsOver(): Failure {
  return fail('unauthenticated', 'The refresh token is not, or no longer, valid. Log in again.');
}
