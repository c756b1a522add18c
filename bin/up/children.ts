import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stoppable } from '../../lib/core/lifecycle.ts';
import type { ServiceName } from '../../lib/contract/route.ts';
import { CliError } from '../cli/failure.ts';
import type { Env } from '../host/env.ts';
import { processEnv } from '../host/service-env.ts';
import { packageRoot } from '../package-root.ts';
import type { Logger } from '../../lib/telemetry/log.ts';

export interface ChildProcessInfo {
  readonly service: ServiceName;
  readonly pid: number;
}

export interface RunningChildren extends Stoppable {
  /** As of now: a service that died and was started again has another pid. */
  readonly processes: readonly ChildProcessInfo[];
}

/** Together well below the ten seconds in which everything has to be down, PostgreSQL too. */
const GATEWAY_STOP_MS = 3_000;
const DAEMON_STOP_MS = 5_000;
const FIRST_RESTART_MS = 200;
const LONGEST_RESTART_MS = 10_000;

interface Keeper {
  readonly info: () => ChildProcessInfo;
  /** SIGTERM, and what is left after `withinMs` is killed. */
  readonly stop: (withinMs: number) => Promise<void>;
}

/** One process a service, each started again when it dies, all of them ended with this one. */
export async function startChildren(options: {
  services: readonly ServiceName[];
  env: Env;
  portBase: number;
  logPath: string;
  /** Told of deaths and restarts. */
  journal: Logger;
}): Promise<RunningChildren> {
  const leadd = join(packageRoot(import.meta.url), 'bin', 'leadd');
  const log = await open(options.logPath, 'a', 0o600);
  const start = async (service: ServiceName): Promise<Keeper> => {
    const env = await processEnv(service, options.env);
    return keepRunning(service, options.journal, () =>
      spawn(process.execPath, [leadd, service, '--port-base', String(options.portBase)], {
        env,
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
        // Ctrl-C in the terminal is for the parent: it stops its children in order.
        detached: true,
      }),
    );
  };
  const keepers = await Promise.all(options.services.map(start));
  return {
    get processes() {
      return keepers.map((keeper) => keeper.info());
    },
    async stop() {
      // The gateway first: it takes no more requests before anything behind it goes.
      const gateway = keepers.filter((keeper) => keeper.info().service === 'gateway');
      const rest = keepers.filter((keeper) => keeper.info().service !== 'gateway');
      await Promise.all(gateway.map((keeper) => keeper.stop(GATEWAY_STOP_MS)));
      await Promise.all(rest.map((keeper) => keeper.stop(DAEMON_STOP_MS)));
      await log.close();
    },
  };
}

function keepRunning(service: ServiceName, journal: Logger, start: () => ChildProcess): Keeper {
  const stopping = new AbortController();
  let child = start();
  const watch = async (): Promise<void> => {
    let waitMs = FIRST_RESTART_MS;
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      // A process that could not even be started is one that ended.
      await once(child, 'exit').catch(() => undefined);
      if (stopping.signal.aborted) return;
      const { pid, exitCode, signalCode } = child;
      const lived = Math.round((performance.now() - startedAt) / 1000);
      journal.error(
        { about: service, pid, exitCode, signal: signalCode, lived_s: lived },
        'a daemon died',
      );
      // Long enough alive: what ended it is not what keeps it from starting.
      if (performance.now() - startedAt > LONGEST_RESTART_MS) waitMs = FIRST_RESTART_MS;
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_RESTART_MS);
      if (stopping.signal.aborted) return;
      child = start();
      journal.warn({ about: service, pid: child.pid }, 'a daemon was started again');
    }
  };
  void watch();
  return {
    info() {
      if (child.pid === undefined) {
        throw new CliError(`The process of the ${service} service could not be started`);
      }
      return { service, pid: child.pid };
    },
    async stop(withinMs) {
      stopping.abort();
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit').catch(() => undefined);
      child.kill('SIGTERM');
      const lastResort = setTimeout(() => child.kill('SIGKILL'), withinMs);
      await exited;
      clearTimeout(lastResort);
    },
  };
}
