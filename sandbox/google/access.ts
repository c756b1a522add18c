import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/core/clock.ts';
import { createBoundedMap } from '../bounded.ts';
import { readJwt } from './jwt.ts';

const KEEP_TOKENS = 10_000;
const TOKEN_LIFETIME_MS = 3_600_000;

export interface Access {
  /** The caller's e-mail where it is known; else the token stands for its user. */
  readonly user: string;
  readonly email: string | undefined;
}

/** Access tokens handed out, registered service accounts, and who a bearer token is. */
export interface GoogleAccess {
  issue(email: string): { accessToken: string; expiresInSeconds: number };
  /** Undefined when the token has expired; one never issued here is let in, so that a restart hurts nobody. */
  whoIs(token: string): Access | undefined;
  /** Refuses every token issued so far, as when a key is revoked. */
  expireAll(): void;
  registerAccount(email: string, publicKeyPem: string): void;
  publicKeyOf(email: string): string | undefined;
  reset(): void;
}

export function createGoogleAccess(deps: { clock: Clock }): GoogleAccess {
  const tokens = createBoundedMap<{ email: string; expiresAtMs: number }>(KEEP_TOKENS);
  const accounts = createBoundedMap<string>(1_000);
  return {
    issue(email) {
      const accessToken = `ya29.sandbox-${randomBytes(24).toString('base64url')}`;
      tokens.set(accessToken, { email, expiresAtMs: deps.clock().getTime() + TOKEN_LIFETIME_MS });
      return { accessToken, expiresInSeconds: TOKEN_LIFETIME_MS / 1000 - 1 };
    },
    whoIs(token) {
      const issued = tokens.get(token);
      if (issued !== undefined) {
        const isLive = issued.expiresAtMs > deps.clock().getTime();
        return isLive ? { user: issued.email, email: issued.email } : undefined;
      }
      // A self-signed JWT names its service account itself.
      const email = readJwt(token)?.claims.iss;
      return { user: email ?? token, email };
    },
    expireAll() {
      for (const [token, issued] of tokens.entries()) {
        tokens.set(token, { ...issued, expiresAtMs: 0 });
      }
    },
    registerAccount: (email, publicKeyPem) => accounts.set(email, publicKeyPem),
    publicKeyOf: (email) => accounts.get(email),
    reset() {
      tokens.clear();
      accounts.clear();
    },
  };
}
