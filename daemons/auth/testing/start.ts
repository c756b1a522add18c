import type { z } from 'zod';
import { systemClock, type Clock } from '../../../lib/core/clock.ts';
import { loadConfig, tokenSettings } from '../../../lib/core/config.ts';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { createTokenRing, type TokenClaims, type TokenRing } from '../../../lib/identity/tokens.ts';
import { authContract, type AuthContract } from '../contract.ts';
import { authSettings, createAuthDaemon, type AuthParts } from '../daemon.ts';

export interface TestAuth extends TestBench<AuthContract> {
  /** A verifier of the daemon's tokens. */
  readonly ring: TokenRing;
  readonly settings: z.output<typeof authSettings>;
  /** What an access token that has to be good says. */
  claimsOf(accessToken: string): TokenClaims;
  /** What the audit log says was done to the target, oldest first. */
  auditOf(targetId: string): Promise<{ action: string; actor_id: string | null; ip: string }[]>;
}

const FERNET_KEYS = `${Buffer.alloc(32, 7).toString('base64url')}=`;
const JWT_SECRETS = 'k1:a-secret-of-the-test-with-32-characters';

/** An auth daemon on a database of its own, with the cheapest hashes there are. */
export async function startTestAuth(
  options: {
    settings?: Record<string, string>;
    parts?: AuthParts;
    clock?: Clock;
  } = {},
): Promise<TestAuth> {
  const clock = options.clock ?? systemClock;
  const settingsOf = (databaseUrl: string) =>
    loadConfig(
      {
        DATABASE_URL: databaseUrl,
        JWT_SECRETS,
        FERNET_KEYS,
        BCRYPT_ROUNDS: '4',
        REGISTRATIONS_PER_HOUR: '1000',
        ...options.settings,
      },
      authSettings,
    );
  const bench = await openTestBench({
    contract: authContract,
    create: (deps, { DATABASE_URL }) =>
      createAuthDaemon(deps, settingsOf(DATABASE_URL), options.parts),
    clock,
  });
  const ring = createTokenRing({
    secrets: tokenSettings.shape.JWT_SECRETS.parse(JWT_SECRETS),
    clock,
  });
  return {
    ...bench,
    settings: settingsOf(bench.databaseUrl),
    ring,
    claimsOf(accessToken) {
      const verified = ring.verify(accessToken, 'access');
      if (!verified.ok) throw new Error(`the access token is ${verified.reason}`);
      return verified.claims;
    },
    async auditOf(targetId) {
      const { rows } = await bench.db.query(
        'SELECT action, actor_id, ip FROM audit_log WHERE target_id = $1 ORDER BY id',
        [targetId],
      );
      return rows;
    },
  };
}
