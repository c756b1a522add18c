import { createClient, type Client } from '../contract/client.ts';
import { internalPath, type Contract, type ServiceName } from '../contract/route.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { stopAll } from '../core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../daemon/daemon.ts';
import { SERVICE_LOGINS } from '../db/logins.ts';
import { createNotificationHub } from '../db/notifications.ts';
import { listen } from '../http/server.ts';
import { anonymous, type Identity } from '../identity/identity.ts';
import { keysFromSecret } from '../identity/keys.ts';
import { createIdentitySeal, IDENTITY_HEADER } from '../identity/seal.ts';
import { createLogger } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';

const CALL_TIMEOUT_MS = 30_000;

export interface TestDaemon<C extends Contract> {
  /** e.g. `http://127.0.0.1:40123`; paths on it are the daemon's own, without `/api`. */
  readonly url: string;
  /** Calls as the gateway would after deciding that `identity` may; nobody in particular by default. */
  client(identity?: Identity): Client<C>;
  /** The header in which the gateway vouches for `identity`, for requests that no client can form. */
  vouchFor(identity: Identity): Record<string, string>;
  stop(): Promise<void>;
}

/** A daemon over real HTTP on a real database, answers checked against their schemas. Stop it in `afterAll`. */
export async function startTestDaemon<C extends Contract>(options: {
  contract: C;
  create: (deps: DaemonDeps) => Daemon;
  database: { readonly url: string };
  clock?: Clock;
}): Promise<TestDaemon<C>> {
  const { contract } = options;
  const clock = options.clock ?? systemClock;
  const log = createLogger({ service: contract.service, version: 'test', level: 'silent' });
  const { service } = contract;
  const sealOf = (name: ServiceName) =>
    createIdentitySeal({ keys: keysFromSecret('a secret that only this test knows', name), clock });
  const gateway = sealOf('gateway');
  const hub = await createNotificationHub({
    url: options.database.url,
    role: SERVICE_LOGINS[contract.service].main,
    applicationName: 'leadctl-test',
    log,
  });
  const daemon = options.create({
    version: 'test',
    maxBodyBytes: 262_144,
    validateResponses: true,
    metrics: createMetrics({ service: contract.service, processMetrics: false }),
    log,
    seal: sealOf(service),
    clock,
    hub,
    hostChecks: {},
  });
  const server = await listen(daemon.listener, { port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${server.port}`;
  const vouchFor = (identity: Identity) => ({ [IDENTITY_HEADER]: gateway.seal(identity, service) });

  return {
    url,
    vouchFor,
    client: (identity = anonymous) =>
      createClient(contract, ({ method, path, headers, body, signal }) =>
        fetch(url + internalPath(contract.service, path), {
          method,
          headers: { ...headers, ...vouchFor(identity) },
          redirect: 'manual',
          signal: signal ?? AbortSignal.timeout(CALL_TIMEOUT_MS),
          ...(body === undefined ? {} : { body }),
        }),
      ),
    stop: () => stopAll([hub, daemon, server]),
  };
}
