import type { DestinationStream } from 'pino';
import type { z } from 'zod';
import { systemClock } from '../../lib/core/clock.ts';
import { hostSettings, loadConfig } from '../../lib/core/config.ts';
import type { ServiceName } from '../../lib/contract/route.ts';
import type { DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createNotificationHub, type NotificationHub } from '../../lib/db/notifications.ts';
import type { ReadinessCheck } from '../../lib/http/operations.ts';
import { createIdentitySeal, type IdentitySeal } from '../../lib/identity/seal.ts';
import { createLogger, type Logger } from '../../lib/telemetry/log.ts';
import { createMetrics } from '../../lib/telemetry/metrics.ts';
import { serviceUrl } from './ports.ts';
import { createMigrationsCheck, type MigrationsCheck } from './migrations-check.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What all daemons of one process share. */
export interface HostContext {
  readonly env: Env;
  readonly settings: z.output<typeof hostSettings>;
  readonly portBase: number;
  readonly services: readonly ServiceName[];
  readonly seal: IdentitySeal;
  readonly hub: NotificationHub;
  readonly migrations: MigrationsCheck;
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
  const seal = createIdentitySeal({ secret: settings.INTERNAL_SECRET, clock: systemClock });
  const logOf = (service: ServiceName) =>
    createLogger({
      service,
      version,
      level: settings.LOG_LEVEL,
      ...(options.logDestination ? { destination: options.logDestination } : {}),
    });
  const [first = 'gateway'] = options.services;
  const hub = await createNotificationHub({
    url: settings.DATABASE_URL,
    role: 'leadctl_app',
    applicationName: 'leadctl-notifications',
    log: logOf(first),
  });
  const migrations = createMigrationsCheck(settings.DATABASE_URL);
  // The process's own figures belong to one of its daemons only, or they would be counted twelve times.
  const depsOf: HostContext['depsOf'] = (service, hostChecks = {}) => ({
    version,
    log: logOf(service),
    metrics: createMetrics({ service, processMetrics: service === first }),
    seal,
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
    seal,
    hub,
    migrations,
    logOf,
    depsOf,
  };
}
