import type { z } from 'zod';
import { databaseSettings } from '../../lib/core/config.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createAuditReader } from './audit/service.ts';
import { clientContract } from './contract.ts';
import { createManifestSets } from './manifest-sets/service.ts';
import { clientRoutes } from './routes.ts';
import { createClientService } from './service.ts';

export const clientSettings = databaseSettings;

export function createClientDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof clientSettings>,
): Daemon {
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_client',
    applicationName: 'leadctl-client',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  return {
    contract: clientContract,
    listener: createDaemonApp(deps, {
      contract: clientContract,
      handlers: clientRoutes({
        clients: createClientService({ database, clock: deps.clock }),
        audit: createAuditReader({ database }),
        sets: createManifestSets({ database }),
      }),
      checks: { database: database.check },
    }),
    stop: () => database.stop(),
  };
}
