import type { z } from 'zod';
import { databaseSettings } from '../../lib/core/config.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { hierarchyContract } from './contract.ts';
import { hierarchyRoutes } from './routes.ts';
import { createHierarchyService } from './service.ts';

export const hierarchySettings = databaseSettings;

export function createHierarchyDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof hierarchySettings>,
): Daemon {
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_hierarchy',
    applicationName: 'leadctl-hierarchy',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  return {
    contract: hierarchyContract,
    listener: createDaemonApp(deps, {
      contract: hierarchyContract,
      handlers: hierarchyRoutes({ hierarchy: createHierarchyService({ database }) }),
      checks: { database: database.check },
    }),
    stop: () => database.stop(),
  };
}
