import type { Pool } from 'pg';
import { systemClock, type Clock } from '../../../lib/core/clock.ts';
import { loadConfig } from '../../../lib/core/config.ts';
import { stopAll } from '../../../lib/core/lifecycle.ts';
import { createTestDatabase } from '../../../lib/testing/database.ts';
import { startTestDaemon, type TestDaemon } from '../../../lib/testing/daemon.ts';
import { openAsOwner } from '../../../lib/testing/factories.ts';
import { createTokenRing, type TokenRing } from '../../../lib/identity/tokens.ts';
import { authContract, type AuthContract } from '../contract.ts';
import { authSettings, createAuthDaemon, type AuthParts } from '../daemon.ts';

export interface TestAuth {
  readonly daemon: TestDaemon<AuthContract>;
  /** The database's owner. */
  readonly db: Pool;
  readonly databaseUrl: string;
  /** A verifier of the daemon's tokens. */
  readonly ring: TokenRing;
  /** What the audit log says was done to the target, oldest first. */
  auditOf(targetId: string): Promise<{ action: string; actor_id: string | null; ip: string }[]>;
  stop(): Promise<void>;
}

const JWT_SECRETS = 'k1:a-secret-of-the-test-with-32-characters';

/** An auth daemon on a database of its own, with the cheapest hashes there are. */
export async function startTestAuth(
  options: {
    settings?: Record<string, string>;
    parts?: AuthParts;
    clock?: Clock;
  } = {},
): Promise<TestAuth> {
  const database = await createTestDatabase();
  const settings = loadConfig(
    { DATABASE_URL: database.url, JWT_SECRETS, BCRYPT_ROUNDS: '4', ...options.settings },
    authSettings,
  );
  const clock = options.clock ?? systemClock;
  const daemon = await startTestDaemon({
    contract: authContract,
    create: (deps) => createAuthDaemon(deps, settings, options.parts),
    database,
    clock,
  });
  const db = openAsOwner(database);
  return {
    daemon,
    db,
    databaseUrl: database.url,
    ring: createTokenRing({ secrets: settings.JWT_SECRETS, clock }),
    async auditOf(targetId) {
      const { rows } = await db.query(
        'SELECT action, actor_id, ip FROM audit_log WHERE target_id = $1 ORDER BY id',
        [targetId],
      );
      return rows;
    },
    stop: () => stopAll([{ stop: () => database.drop() }, { stop: () => db.end() }, daemon]),
  };
}
