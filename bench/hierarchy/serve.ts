import { createClient, type Client } from '../../lib/contract/client.ts';
import { internalPath, type Contract, type ServiceName } from '../../lib/contract/route.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { SERVICE_LOGINS } from '../../lib/db/logins.ts';
import { createNotificationHub } from '../../lib/db/notifications.ts';
import { listen } from '../../lib/http/server.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import { keysFromSecret } from '../../lib/identity/keys.ts';
import { createIdentitySeal, IDENTITY_HEADER } from '../../lib/identity/seal.ts';
import { createLogger } from '../../lib/telemetry/log.ts';
import { createMetrics } from '../../lib/telemetry/metrics.ts';

export interface Served<C extends Contract> {
  client(identity: UserIdentity): Client<C>;
  /** How long the daemon took for the latest answer, from the request line to the last byte. */
  tookMs(): Promise<number>;
  stop(): Promise<void>;
}

/** One daemon over real HTTP, as in production: answers are not validated, nothing is logged. */
export async function serve<C extends Contract>(
  contract: C,
  databaseUrl: string,
  create: (deps: DaemonDeps) => Daemon,
): Promise<Served<C>> {
  const log = createLogger({ service: contract.service, version: 'bench', level: 'silent' });
  const sealOf = (name: ServiceName) =>
    createIdentitySeal({
      keys: keysFromSecret('known to this bench alone', name),
      clock: systemClock,
    });
  const gateway = sealOf('gateway');
  const hub = await createNotificationHub({
    url: databaseUrl,
    role: SERVICE_LOGINS[contract.service].main,
    applicationName: 'leadctl-bench',
    log,
  });
  const metrics = createMetrics({ service: contract.service, processMetrics: false });
  // A request is counted once its connection has seen the last byte: possibly after the client has.
  let counted = Promise.withResolvers<number>();
  const daemon = create({
    version: 'bench',
    maxBodyBytes: 262_144,
    validateResponses: false,
    hostChecks: {},
    metrics: {
      ...metrics,
      observeRequest: (_method, _route, _status, durationMs) => counted.resolve(durationMs),
    },
    clock: systemClock,
    log,
    seal: sealOf(contract.service),
    hub,
  });
  const server = await listen(daemon.listener, { port: 0, host: '127.0.0.1' });
  return {
    async tookMs() {
      const durationMs = await counted.promise;
      counted = Promise.withResolvers();
      return durationMs;
    },
    client: (identity) =>
      createClient(contract, ({ method, path, headers, body }) =>
        fetch(`http://127.0.0.1:${server.port}${internalPath(contract.service, path)}`, {
          method,
          headers: { ...headers, [IDENTITY_HEADER]: gateway.seal(identity, contract.service) },
          signal: AbortSignal.timeout(60_000),
          ...(body === undefined ? {} : { body }),
        }),
      ),
    stop: () => stopAll([hub, daemon, server]),
  };
}
