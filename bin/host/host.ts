import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import { withTimeout } from '../../lib/core/timeout.ts';
import type { ServiceName } from '../../lib/contract/route.ts';
import type { Daemon } from '../../lib/daemon/daemon.ts';
import { listen } from '../../lib/http/server.ts';
import process from 'node:process';
import { createHostContext, type HostContext, type HostOptions } from './context.ts';
import { PORT_OFFSETS, serviceUrl } from './ports.ts';
import { serviceEnv } from './service-env.ts';
import { registerPermissions } from './registration.ts';
import { shedMemoryOfStart } from './shed-memory.ts';
import { STARTERS } from './starters.ts';

export interface RunningHost extends Stoppable {
  readonly services: readonly ServiceName[];
  /** Logs what ends the process, and reports it where that is configured; resolves soon. */
  readonly died: (cause: unknown) => Promise<void>;
}

/** For telling of its death, before a process ends. */
const LAST_WORDS_MS = 2_000;

/**
 * The permission daemon comes first: the others tell it of their routes, and wait longer before each
 * further try. The gateway comes last: it forwards to what is there.
 */
function inStartOrder(services: readonly ServiceName[]): ServiceName[] {
  const rank = (service: ServiceName) =>
    Number(service === 'gateway') - Number(service === 'permission');
  return services.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * Starts these daemons in this process, each on its port. Stopping goes the other way round: the
 * gateway takes no more requests before anything that it needs goes away.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const host = await createHostContext(options);
  const running: Stoppable[] = [host.telemetry, host.hub, host.migrations];
  const local = new Map<ServiceName, Daemon>();
  try {
    for (const service of inStartOrder(options.services)) {
      running.push(await startService(host, service, local));
    }
  } catch (error) {
    await stopAll(running);
    throw error;
  }
  running.push(shedMemoryOfStart());
  const [first = 'gateway'] = options.services;
  const log = host.logOf(first);
  const about = { services: options.services, pid: process.pid };
  log.info(about, 'started');
  return {
    services: options.services,
    async died(cause) {
      log.fatal({ ...about, err: cause }, 'the process ends: an error that nobody expected');
      await withTimeout(host.telemetry.stop(), LAST_WORDS_MS, 'reporting');
    },
    async stop() {
      log.info(about, 'stopping');
      await stopAll(running);
      log.info(about, 'stopped');
    },
  };
}

/** `PORT` is for a process with one service, as platforms that run containers set it. */
function portOf(host: HostContext, service: ServiceName): number {
  const given = host.services.length === 1 ? host.env['PORT'] : undefined;
  return Number(given ?? host.portBase + PORT_OFFSETS[service]);
}

async function startService(
  host: HostContext,
  service: ServiceName,
  local: Map<ServiceName, Daemon>,
): Promise<Stoppable> {
  const registration = { check: async (): Promise<void> => undefined, stop: () => undefined };
  const deps = host.depsOf(service, { permissions: () => registration.check() });
  const daemon = await STARTERS[service]({ host, env: serviceEnv(service, host.env), deps, local });
  try {
    const server = await listen(daemon.listener, {
      port: portOf(host, service),
      host: host.settings.HOST,
    });
    Object.assign(
      registration,
      registerPermissions({
        contract: daemon.contract,
        seal: deps.seal,
        permissionUrl: serviceUrl(host.env, 'permission', host.portBase),
        log: deps.log,
      }),
    );
    local.set(service, daemon);
    return {
      async stop() {
        registration.stop();
        await stopAll([daemon, server]);
      },
    };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}
