import type { Env } from './env.ts';
import type { DestinationStream } from 'pino';
import type { z } from 'zod';
import { systemClock } from '../../lib/core/clock.ts';
import { ConfigError, hostSettings, loadConfig } from '../../lib/core/config.ts';
import type { ServiceName } from '../../lib/contract/route.ts';
import type { DaemonDeps } from '../../lib/daemon/daemon.ts';
import { sqlState } from '../../lib/db/errors.ts';
import { SERVICE_LOGINS } from '../../lib/db/logins.ts';
import { createNotificationHub, type NotificationHub } from '../../lib/db/notifications.ts';
import type { ReadinessCheck } from '../../lib/http/operations.ts';
import { keysFromSecret, keysFromText, type IdentityKeys } from '../../lib/identity/keys.ts';
import { createIdentitySeal } from '../../lib/identity/seal.ts';
import { createLogger, type Logger } from '../../lib/telemetry/log.ts';
import { createMetrics } from '../../lib/telemetry/metrics.ts';
import { serviceUrl } from './ports.ts';
import { openTelemetry, type Telemetry } from './telemetry.ts';
import { createMigrationsCheck, type MigrationsCheck } from './migrations-check.ts';
import { serviceEnv } from './service-env.ts';

/** What all daemons of one process share. */
export interface HostContext {
  readonly env: Env;
  readonly settings: z.output<typeof hostSettings>;
  readonly portBase: number;
  readonly services: readonly ServiceName[];
  readonly hub: NotificationHub;
  readonly migrations: MigrationsCheck;
  readonly telemetry: Telemetry;
  readonly logOf: (service: ServiceName) => Logger;
  readonly depsOf: (
    service: ServiceName,
    hostChecks?: Readonly<Record<string, ReadinessCheck>>,
  ) => DaemonDeps;
}

export interface HostOptions {
  readonly env: Env;
  readonly version: string;
  readonly portBase: number;
  readonly services: readonly ServiceName[];
  /** Where log lines go; standard output when absent. */
  readonly logDestination?: DestinationStream;
}

export async function createHostContext(options: HostOptions): Promise<HostContext> {
  const { version, portBase } = options;
  // Links lead to this gateway unless people reach it by another name.
  const publicUrl = options.env['PUBLIC_URL'] || serviceUrl(options.env, 'gateway', portBase);
  const env: Env = { ...options.env, PUBLIC_URL: publicUrl };
  const settings = loadConfig(env, hostSettings);
  const telemetry = await openTelemetry(settings, version);
  const logOf = (service: ServiceName) =>
    createLogger({
      service,
      version,
      level: settings.LOG_LEVEL,
      reports: telemetry.reports,
      ...(options.logDestination ? { destination: options.logDestination } : {}),
    });
  const [first = 'gateway'] = options.services;
  const login = {
    url: serviceEnv(first, env)['DATABASE_URL'] ?? settings.DATABASE_URL,
    role: SERVICE_LOGINS[first].main,
  };
  const hub = await createNotificationHub({
    ...login,
    applicationName: 'leadctl-notifications',
    log: logOf(first),
  }).catch((error: unknown) => {
    throw explained(error, login.role);
  });
  const migrations = createMigrationsCheck(login);
  // The process's own figures belong to one of its daemons only, or they would be counted twelve times.
  const depsOf: HostContext['depsOf'] = (service, hostChecks = {}) => ({
    version,
    log: logOf(service),
    metrics: createMetrics({ service, processMetrics: service === first }),
    tracing: telemetry.tracing?.of(service),
    seal: createIdentitySeal({ keys: keysOf(settings, service), clock: systemClock }),
    hub,
    clock: systemClock,
    maxBodyBytes: settings.MAX_BODY_BYTES,
    validateResponses: settings.NODE_ENV !== 'production',
    hostChecks: { migrations: migrations.check, ...hostChecks },
  });
  return {
    env,
    settings,
    portBase,
    services: options.services,
    hub,
    migrations,
    telemetry,
    logOf,
    depsOf,
  };
}

/** With INTERNAL_SECRET a service can vouch for anybody anywhere; with INTERNAL_KEY for itself alone. */
function keysOf(settings: z.output<typeof hostSettings>, service: ServiceName): IdentityKeys {
  const { INTERNAL_SECRET: secret, INTERNAL_KEY: key } = settings;
  if (secret !== undefined) return keysFromSecret(secret, service);
  if (key !== undefined && service !== 'gateway') return keysFromText(key, service);
  throw new ConfigError(
    service === 'gateway'
      ? 'INTERNAL_SECRET is not set. The gateway signs with it who calls.'
      : `Neither INTERNAL_KEY nor INTERNAL_SECRET is set. ${service} verifies with one of them who calls.`,
  );
}

/** 28000: no such login, or a closed one; 28P01: another password. */
const LOGIN_REFUSED = new Set(['28000', '28P01']);

function explained(error: unknown, login: string): unknown {
  if (!LOGIN_REFUSED.has(sqlState(error) ?? '')) return error;
  return new ConfigError(
    `PostgreSQL does not let ${login} in. Run "leadctl migrate" with DATABASE_LOGIN_SECRET, which sets` +
      ' its password, and give this process the same secret, or in DATABASE_URL the password itself.',
  );
}
