import { z } from 'zod';
import { createBudget } from '../../lib/accounts/budget.ts';
import { createPasswordHasher } from '../../lib/accounts/hasher.ts';
import { createLinkSender } from '../../lib/accounts/link-sender.ts';
import { createPasswordJudge } from '../../lib/accounts/password-judge.ts';
import {
  authSettings,
  databaseSettings,
  mailSettings,
  sharedLimitSettings,
} from '../../lib/core/config.ts';
import { createStrengthEstimator } from '../../lib/accounts/strength.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createAnnouncer } from '../../lib/events/announcer.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { openLimits } from '../../lib/limits/open.ts';
import { createMailer } from '../../lib/mail/mailer.ts';
import { userContract } from './contract.ts';
import { createInvitations } from './invitation.ts';
import { createMemberService } from './members/service.ts';
import { userRoutes } from './routes.ts';
import { createUserService } from './service.ts';

export const userSettings = z.object({
  ...databaseSettings.shape,
  ...mailSettings.shape,
  ...sharedLimitSettings.shape,
  BCRYPT_ROUNDS: authSettings.shape.BCRYPT_ROUNDS,
});

const HOUR_S = 3_600;
const INVITATIONS_PER_HOUR = 100;

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
  const announcer = createAnnouncer({ database, log });
  const strength = createStrengthEstimator();
  const hasher = createPasswordHasher({ rounds: settings.BCRYPT_ROUNDS });
  const links = createLinkSender({
    publicUrl: settings.PUBLIC_URL,
    mailer: createMailer(settings),
  });
  const invitations = createInvitations({ database, links });
  const limits = openLimits(
    {
      limitsUrl: settings.LIMITS_URL,
      databaseUrl: settings.DATABASE_URL,
      role: 'leadctl_user',
      applicationName: 'leadctl-user-limits',
    },
    log,
  );
  const invitationBudget = createBudget(limits, {
    name: 'invitations',
    points: INVITATIONS_PER_HOUR,
    windowSeconds: HOUR_S,
    what: 'invitations of yours',
  });
  return {
    contract: userContract,
    listener: createDaemonApp(deps, {
      contract: userContract,
      handlers: userRoutes({
        users: createUserService({
          database,
          clock,
          hasher,
          judge: createPasswordJudge(strength),
          invitations,
        }),
        members: createMemberService({
          database,
          clock,
          announcer,
          invitations,
          invitationBudget,
        }),
      }),
      checks: { database: database.check },
    }),
    stop: () => stopAll([database, announcer, limits, strength]),
  };
}
