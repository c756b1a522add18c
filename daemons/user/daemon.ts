import { z } from 'zod';
import { createPasswordHasher } from '../../lib/accounts/hasher.ts';
import { authSettings, databaseSettings } from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createAnnouncer } from '../../lib/events/announcer.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { userContract } from './contract.ts';
import { createMemberService } from './members/service.ts';
import { userRoutes } from './routes.ts';
import { createUserService } from './service.ts';

export const userSettings = z.object({
  ...databaseSettings.shape,
  BCRYPT_ROUNDS: authSettings.shape.BCRYPT_ROUNDS,
});

export function createUserDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof userSettings>,
): Daemon {
  const { clock, log } = deps;
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_user',
    applicationName: 'leadctl-user',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  const announcer = createAnnouncer({
    database,
    onError: (error) => log.warn({ err: error }, 'an announcement failed; listeners will sweep'),
  });
  const hasher = createPasswordHasher({ rounds: settings.BCRYPT_ROUNDS });
  return {
    contract: userContract,
    listener: createDaemonApp(deps, {
      contract: userContract,
      handlers: userRoutes({
        users: createUserService({ database, clock, hasher }),
        members: createMemberService({ database, clock, announcer }),
      }),
      checks: { database: database.check },
    }),
    stop: () => stopAll([database, announcer]),
  };
}
