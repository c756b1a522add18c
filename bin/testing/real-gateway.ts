import { Pool } from 'pg';
import { createGatewayDaemon, gatewaySettings } from '../../daemons/gateway/daemon.ts';
import { openSecurityLog } from '../../daemons/gateway/security.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { createLeadDaemon, leadSettings } from '../../daemons/lead/daemon.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { databaseSettings, loadConfig } from '../../lib/core/config.ts';
import { newId } from '../../lib/core/ids.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { ServiceName } from '../../lib/contract/route.ts';
import type { DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createNotificationHub } from '../../lib/db/notifications.ts';
import { listen } from '../../lib/http/server.ts';
import { keysFromSecret } from '../../lib/identity/keys.ts';
import { createIdentitySeal } from '../../lib/identity/seal.ts';
import { createTokenRing } from '../../lib/identity/tokens.ts';
import { createLimits } from '../../lib/limits/limits.ts';
import { memoryStore } from '../../lib/limits/stores/memory.ts';
import { createLogger } from '../../lib/telemetry/log.ts';
import { createMetrics } from '../../lib/telemetry/metrics.ts';

const SECRET = 'a-secret-of-a-test-long-enough-for-HS256';

export interface RealGateway {
  readonly url: string;
  /** An admin's access token. */
  readonly token: string;
  stop(): Promise<void>;
}

/** Gateway and lead daemon on a real database with one client, `acme`; its admin needs no login. */
export async function startRealGateway(database: { readonly url: string }): Promise<RealGateway> {
  const env = {
    DATABASE_URL: database.url,
    JWT_SECRETS: `test:${SECRET}`,
  };
  const userId = await addRows(database);
  const log = createLogger({ service: 'gateway', version: 'test', level: 'silent' });
  const hub = await createNotificationHub({
    url: database.url,
    role: 'leadctl_gateway',
    applicationName: 'leadctl-test',
    log,
  });
  const depsOf = (service: ServiceName): DaemonDeps => ({
    version: 'test',
    maxBodyBytes: 262_144,
    validateResponses: true,
    hostChecks: {},
    metrics: createMetrics({ service, processMetrics: false }),
    log,
    seal: createIdentitySeal({ keys: keysFromSecret(SECRET, service), clock: systemClock }),
    clock: systemClock,
    hub,
  });
  const lead = createLeadDaemon(depsOf('lead'), loadConfig(env, leadSettings));
  const { serve } = lead.listener;
  if (serve === undefined) throw new Error('the lead daemon has no way in');
  const gateway = createGatewayDaemon(
    {
      ...depsOf('gateway'),
      limits: createLimits({ store: memoryStore(), log }),
      contracts: [leadContract],
      targets: new Map([['lead', { kind: 'direct', serve }]]),
      upstreamChecks: { lead: async () => undefined },
      security: openSecurityLog(depsOf('gateway'), loadConfig(env, databaseSettings)),
      access: {
        principal: async (id) => ({ userId: id, isAdmin: true, status: 'active', memberships: [] }),
        roles: async () => () => undefined,
        sessionOwner: async (id) => id,
        token: async () => undefined,
        noteTokenUse: () => undefined,
        hasClient: async () => true,
        check: async () => undefined,
        stop: async () => undefined,
      },
    },
    loadConfig(env, gatewaySettings),
  );
  const ring = createTokenRing({
    secrets: [{ kid: 'test', secret: SECRET }],
    clock: systemClock,
  });
  const server = await listen(gateway.listener, { port: 0, host: '127.0.0.1' });
  return {
    url: `http://127.0.0.1:${server.port}`,
    token: ring.issue({
      type: 'access',
      user: { id: userId, email: 'admin@example.com', isAdmin: true },
      jti: newId(),
      sid: userId,
      lifetimeSeconds: 3_600,
    }),
    stop: () => stopAll([hub, gateway, lead, server]),
  };
}

async function addRows(database: { readonly url: string }): Promise<string> {
  const pool = new Pool({ connectionString: database.url, max: 1 });
  const userId = newId();
  try {
    await pool.query(
      "INSERT INTO users (id, email, is_admin, status) VALUES ($1, 'admin@example.com', true, 'active')",
      [userId],
    );
    await pool.query(
      "INSERT INTO clients (client_id, name, status) VALUES ('acme', 'Acme', 'active')",
    );
  } finally {
    await pool.end();
  }
  return userId;
}
