import { z } from 'zod';
import { createPasswordHasher, type Bcrypt } from '../../lib/accounts/hasher.ts';
import { createSecurityLog } from '../../lib/audit/security.ts';
import {
  authSettings as registrationSettings,
  databaseSettings,
  sharedLimitSettings,
  tokenSettings,
} from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createTokenRing } from '../../lib/identity/tokens.ts';
import { openLimits } from '../../lib/limits/open.ts';
import { authContract } from './contract.ts';
import { createPasswordCheck } from './passwords/check.ts';
import { createPasswordService } from './passwords/service.ts';
import { createSlots } from './passwords/slots.ts';
import { createLoginThrottle, type CreateFailureCounter } from './passwords/throttle.ts';
import { recordRefusedLogins } from './refused-logins.ts';
import { authRoutes } from './routes.ts';
import { createAuthService } from './service.ts';
import { createSessionService } from './sessions/service.ts';

export const authSettings = z.object({
  ...databaseSettings.shape,
  ...tokenSettings.shape,
  ...registrationSettings.shape,
  ...sharedLimitSettings.shape,
});

/** Of libuv's four threads; one is left for files and name lookups. */
const HASHES_AT_ONCE = 3;
const HASHES_WAITING = 100;

/** What another process, or a test, may put in place of what is built in. */
export interface AuthParts {
  readonly bcrypt?: Bcrypt;
  /** Where several auth daemons share their counts of failed logins. */
  readonly createFailureCounter?: CreateFailureCounter;
}

export function createAuthDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof authSettings>,
  parts: AuthParts = {},
): Daemon {
  const { clock } = deps;
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_auth',
    applicationName: 'leadctl-auth',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  const slots = createSlots({ maxRunning: HASHES_AT_ONCE, maxWaiting: HASHES_WAITING });
  const hasher = createPasswordHasher({
    rounds: settings.BCRYPT_ROUNDS,
    ...(parts.bcrypt ? { bcrypt: parts.bcrypt } : {}),
  });
  const limits = openLimits(
    {
      limitsUrl: settings.LIMITS_URL,
      databaseUrl: settings.DATABASE_URL,
      role: 'leadctl_auth',
      applicationName: 'leadctl-auth-limits',
    },
    deps.log,
  );
  const throttle = createLoginThrottle({
    createCounter: parts.createFailureCounter ?? limits.strictCounter,
  });
  const checkPassword = createPasswordCheck({ slots, hasher, throttle });
  const sessions = createSessionService({
    database,
    clock,
    ring: createTokenRing({ secrets: settings.JWT_SECRETS, clock }),
    accessLifetimeSeconds: settings.ACCESS_TOKEN_TTL_S,
    refreshLifetimeSeconds: settings.REFRESH_TOKEN_TTL_S,
  });
  const auth = createAuthService({
    database,
    clock,
    sessions,
    checkPassword,
    hasher,
    slots,
    isRegistrationOpen: settings.REGISTRATION === 'open',
  });
  const passwords = createPasswordService({ database, clock, checkPassword, hasher, slots });
  const security = createSecurityLog({
    database,
    metrics: deps.metrics,
    clock,
    onError: (error) => deps.log.warn({ err: error }, 'refused logins wait to be written down'),
  });

  return {
    contract: authContract,
    listener: createDaemonApp(deps, {
      contract: authContract,
      handlers: authRoutes({
        auth,
        sessions,
        passwords,
        onLoginRefused: recordRefusedLogins(security),
      }),
      checks: { database: database.check },
    }),
    stop: () => stopAll([database, limits, security]),
  };
}
