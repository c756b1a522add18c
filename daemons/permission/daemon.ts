import type { z } from 'zod';
import { databaseSettings } from '../../lib/core/config.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createPermissionCatalogue } from './catalogue/service.ts';
import { createAccessChecker } from './check/service.ts';
import { permissionContract } from './contract.ts';
import { createGrantService } from './grants/service.ts';
import { createRoleService } from './roles/service.ts';
import { createMachineTokenService } from './tokens/service.ts';
import { permissionRoutes } from './routes.ts';

export const permissionSettings = databaseSettings;

export function createPermissionDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof permissionSettings>,
): Daemon {
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_permission',
    applicationName: 'leadctl-permission',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  return {
    contract: permissionContract,
    listener: createDaemonApp(deps, {
      contract: permissionContract,
      handlers: permissionRoutes({
        roles: createRoleService({ database, clock: deps.clock }),
        grants: createGrantService({ database }),
        catalogue: createPermissionCatalogue({ database }),
        checker: createAccessChecker({ database }),
        tokens: createMachineTokenService({ database, clock: deps.clock }),
      }),
      checks: { database: database.check },
    }),
    stop: () => database.stop(),
  };
}
