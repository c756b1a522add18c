import type { z } from 'zod';
import { createSecurityLog, type SecurityLog } from '../../lib/audit/security.ts';
import type { databaseSettings } from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';

/** What the gateway refuses, on a connection of its own: decisions about access never wait for it. */
export function openSecurityLog(
  { metrics, clock, log }: DaemonDeps,
  settings: z.output<typeof databaseSettings>,
): SecurityLog {
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_gateway',
    applicationName: 'leadctl-gateway-security',
    poolMax: 1,
  });
  const security = createSecurityLog({
    database,
    metrics,
    clock,
    onError: (error) => log.warn({ err: error }, 'refused requests wait to be written down'),
  });
  return { ...security, stop: () => stopAll([database, security]) };
}
