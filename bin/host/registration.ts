import { setTimeout as sleep } from 'node:timers/promises';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { createClient } from '../../lib/contract/client.ts';
import { permissionsOf } from '../../lib/contract/permissions.ts';
import type { Contract } from '../../lib/contract/route.ts';
import { serviceTransport } from '../../lib/daemon/service-transport.ts';
import type { IdentitySeal } from '../../lib/identity/seal.ts';
import type { Logger } from '../../lib/telemetry/log.ts';

export interface Registration {
  /** Rejects until the service's permissions are registered. */
  check(): Promise<void>;
  stop(): void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** Tells the permission service which routes a daemon has, again and again until it has heard. */
export function registerPermissions(deps: {
  contract: Contract;
  seal: IdentitySeal;
  permissionUrl: string;
  log: Logger;
}): Registration {
  const { service } = deps.contract;
  const permissions = permissionsOf(deps.contract);
  const stopped = new AbortController();
  let problem: string | undefined = 'not registered yet';

  const client = createClient(
    permissionContract,
    serviceTransport({
      seal: deps.seal,
      from: service,
      to: 'permission',
      baseUrl: deps.permissionUrl,
    }),
  );
  const attempt = async (): Promise<string | undefined> => {
    try {
      const result = await client.call('registerPermissions', {
        params: { service },
        body: {
          permissions: permissions.map(({ method, path, description, reach }) => ({
            method,
            path,
            description,
            reach,
          })),
        },
        signal: stopped.signal,
      });
      return result.ok ? undefined : result.problem.detail;
    } catch (error) {
      return error instanceof Error ? error.message : 'the permission service cannot be reached';
    }
  };
  const run = async (): Promise<void> => {
    for (
      let waitMs = FIRST_RETRY_MS;
      !stopped.signal.aborted;
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)
    ) {
      problem = await attempt();
      if (problem === undefined) return;
      deps.log.debug({ problem }, 'permissions are not registered yet');
      await sleep(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  // A service without routes for roles registers none, so that those it once had are marked gone.
  const hasMembersRoutes = Object.values(deps.contract.routes).some(
    ({ access }) => access !== 'public',
  );
  if (hasMembersRoutes) void run();
  else problem = undefined;
  return {
    async check() {
      if (problem !== undefined) throw new Error(`permissions: ${problem}`);
    },
    stop: () => stopped.abort(),
  };
}
