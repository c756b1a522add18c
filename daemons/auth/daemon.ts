import { z } from 'zod';
import { createBudget } from '../../lib/accounts/budget.ts';
import { createPasswordHasher, type Bcrypt } from '../../lib/accounts/hasher.ts';
import { createLinkSender } from '../../lib/accounts/link-sender.ts';
import { createPasswordJudge } from '../../lib/accounts/password-judge.ts';
import { createStrengthEstimator } from '../../lib/accounts/strength.ts';
import { createSecurityLog } from '../../lib/audit/security.ts';
import { createBackground } from '../../lib/core/background.ts';
import {
  authSettings as registrationSettings,
  databaseSettings,
  mailSettings,
  sealingSettings,
  sharedLimitSettings,
  tokenSettings,
} from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createTokenRing } from '../../lib/identity/tokens.ts';
import { openLimits } from '../../lib/limits/open.ts';
import { createMailer } from '../../lib/mail/mailer.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { authContract } from './contract.ts';
import { createPasswordCheck } from './passwords/check.ts';
import { createForgotPassword } from './passwords/forgot.ts';
import { createPasswordService } from './passwords/service.ts';
import { createSlots } from './passwords/slots.ts';
import { createLoginThrottle } from './passwords/throttle.ts';
import { recordRefusedLogins, recordRefusedProofs } from './refused-logins.ts';
import { authRoutes } from './routes.ts';
import { createAuthService } from './service.ts';
import { createSessionService } from './sessions/service.ts';
import { createTotpCheck } from './totp/check.ts';
import { createTotpCodes } from './totp/codes.ts';
import { createTotpService } from './totp/service.ts';

export const authSettings = z.object({
  ...databaseSettings.shape,
  ...tokenSettings.shape,
  ...registrationSettings.shape,
  ...sharedLimitSettings.shape,
  ...mailSettings.shape,
  ...sealingSettings.shape,
});

/** Of libuv's four threads; one is left for files and name lookups. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 100;
/** New passwords have a slot of their own, so that strangers who register delay no login. */
const NEW_HASHES_AT_ONCE = 1;
const NEW_HASHES_WAITING = 20;

const HOUR_S = 3_600;
const FORGOTTEN_PER_ADDRESS = 10;
const FORGOTTEN_PER_EMAIL = 3;
const MAILS_AT_ONCE = 50;

/** What another process, or a test, may put in place of what is built in. */
export interface AuthParts {
  readonly bcrypt?: Bcrypt;
  /** The worker thread's script that estimates how hard passwords are to guess. */
  readonly strength?: { readonly script: URL };
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
  const checkSlots = createSlots({ maxRunning: CHECKS_AT_ONCE, maxWaiting: CHECKS_WAITING });
  const slots = createSlots({ maxRunning: NEW_HASHES_AT_ONCE, maxWaiting: NEW_HASHES_WAITING });
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
  const strength = createStrengthEstimator(parts.strength);
  const judge = createPasswordJudge(strength);
  const createCounter = limits.strictCounter;
  const throttle = createLoginThrottle({ createCounter });
  const checkPassword = createPasswordCheck({ slots: checkSlots, hasher, throttle });
  const keyring = createKeyring(settings.FERNET_KEYS);
  const codes = createTotpCodes({ clock });
  const checkTotp = createTotpCheck({ codes, keyring, createCounter });
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
    checkTotp,
    hasher,
    judge,
    slots,
    registrations: createBudget(limits, {
      name: 'registrations',
      points: settings.REGISTRATIONS_PER_HOUR,
      windowSeconds: HOUR_S,
      what: 'registrations from this address',
    }),
    isRegistrationOpen: settings.REGISTRATION === 'open',
  });
  const passwords = createPasswordService({ database, clock, checkPassword, hasher, judge, slots });
  const security = createSecurityLog({
    database,
    metrics: deps.metrics,
    clock,
    onError: (error) => deps.log.warn({ err: error }, 'refused logins wait to be written down'),
  });
  const background = createBackground({
    most: MAILS_AT_ONCE,
    onError: (error) => deps.log.error({ err: error }, 'a password link could not be made'),
  });
  const forgotPassword = createForgotPassword({
    database,
    clock,
    log: deps.log,
    background,
    links: createLinkSender({ publicUrl: settings.PUBLIC_URL, mailer: createMailer(settings) }),
    perAddress: createBudget(limits, {
      name: 'forgotten-passwords',
      points: FORGOTTEN_PER_ADDRESS,
      windowSeconds: HOUR_S,
      what: 'forgotten passwords from this address',
    }),
    perEmail: createBudget(limits, {
      name: 'forgotten-passwords-email',
      points: FORGOTTEN_PER_EMAIL,
      windowSeconds: HOUR_S,
      what: 'links to this e-mail',
    }),
  });
  const totp = createTotpService({
    database,
    clock,
    keyring,
    codes,
    check: checkTotp,
    checkPassword,
  });

  return {
    contract: authContract,
    listener: createDaemonApp(deps, {
      contract: authContract,
      handlers: authRoutes({
        auth,
        sessions,
        passwords,
        forgotPassword,
        totp,
        onLoginRefused: recordRefusedLogins(security),
        onProofRefused: recordRefusedProofs(security),
      }),
      checks: { database: database.check },
    }),
    stop: () => stopAll([database, background, limits, security, strength]),
  };
}
