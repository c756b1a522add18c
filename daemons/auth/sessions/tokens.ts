import type { UserRow } from '../../../lib/accounts/users.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { Unit } from '../../../lib/db/scope.ts';
import type { TokenRing } from '../../../lib/identity/tokens.ts';
import type { Tokens } from '../contract.ts';
import { insertRefreshToken } from './store.ts';

export interface TokenIssuer {
  /** An access token, and the refresh token that the session goes on with. */
  issue(unit: Unit, user: UserRow, sessionId: string, now: Date): Promise<Tokens>;
  /** When a session ends by itself that was last used at `now`. */
  expiryFrom(now: Date): Date;
}

export function createTokenIssuer(deps: {
  ring: TokenRing;
  accessLifetimeSeconds: number;
  refreshLifetimeSeconds: number;
}): TokenIssuer {
  const { ring, accessLifetimeSeconds, refreshLifetimeSeconds } = deps;
  const expiryFrom = (now: Date) => new Date(now.getTime() + refreshLifetimeSeconds * 1_000);
  return {
    expiryFrom,

    async issue(unit, user, sid, now) {
      const subject = { id: user.id, email: user.email, isAdmin: user.is_admin };
      const refreshToken = ring.issue({
        type: 'refresh',
        user: subject,
        jti: newId(),
        sid,
        lifetimeSeconds: refreshLifetimeSeconds,
      });
      await insertRefreshToken(unit, refreshToken, {
        session_id: sid,
        created_at: now,
        expires_at: expiryFrom(now),
      });
      return {
        access_token: ring.issue({
          type: 'access',
          user: subject,
          jti: newId(),
          sid,
          lifetimeSeconds: accessLifetimeSeconds,
        }),
        refresh_token: refreshToken,
        token_type: 'Bearer',
        expires_in: accessLifetimeSeconds,
        refresh_expires_in: refreshLifetimeSeconds,
      };
    },
  };
}
