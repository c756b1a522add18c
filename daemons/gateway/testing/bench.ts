import type { z } from 'zod';
import type { SecurityEvent } from '../../../lib/audit/security.ts';
import { systemClock } from '../../../lib/core/clock.ts';
import { newId } from '../../../lib/core/ids.ts';
import { stopAll, type Stoppable } from '../../../lib/core/lifecycle.ts';
import type { ServiceName } from '../../../lib/contract/route.ts';
import type { DaemonDeps } from '../../../lib/daemon/daemon.ts';
import type { NotificationHub } from '../../../lib/db/notifications.ts';
import type { DaemonListener } from '../../../lib/http/app.ts';
import type { ReadinessCheck } from '../../../lib/http/operations.ts';
import { listen } from '../../../lib/http/server.ts';
import { keysFromSecret } from '../../../lib/identity/keys.ts';
import { createIdentitySeal } from '../../../lib/identity/seal.ts';
import { createTokenRing, type TokenRing, type TokenType } from '../../../lib/identity/tokens.ts';
import { createLimits, type Limits } from '../../../lib/limits/limits.ts';
import { memoryStore } from '../../../lib/limits/stores/memory.ts';
import { createLogger, type Logger } from '../../../lib/telemetry/log.ts';
import { createMetrics } from '../../../lib/telemetry/metrics.ts';
import { createGatewayDaemon, type gatewaySettings, type GatewayDeps } from '../daemon.ts';
import type { UpstreamTarget } from '../upstream.ts';
import { echoContract, signedInContract } from './contract.ts';
import { echoDaemon, signedInDaemon, type OpenStreams } from './echo.ts';
import { accessOfPeople, people, type Person } from './people.ts';

export const SECRETS = [
  { kid: 'k2', secret: 'the-newer-of-this-tests-two-secrets' },
  { kid: 'k1', secret: 'the-older-of-this-tests-two-secrets' },
];

export const KINDS = ['direct', 'http'] as const satisfies readonly UpstreamTarget['kind'][];

export interface GatewayBench extends Stoppable {
  readonly port: number;
  readonly ring: TokenRing;
  readonly streams: OpenStreams;
  /** What the gateway wrote down as refused, oldest first. */
  readonly refused: readonly SecurityEvent[];
  /** An `Authorization` header of this person. */
  as(person: Person, type?: TokenType): { authorization: string };
}

export interface BenchOptions {
  readonly kind: UpstreamTarget['kind'];
  readonly settings?: Partial<z.output<typeof gatewaySettings>>;
  /** Its own, in memory, unless given. */
  readonly limits?: Limits;
  readonly log?: Logger;
  readonly requireAdminTotp?: boolean;
  readonly answerTimeoutMs?: number;
  readonly upstreamChecks?: Readonly<Record<string, ReadinessCheck>>;
  /** Who may do what, and where changes to it are announced; nothing changes unless given. */
  readonly access?: { readonly copy: GatewayDeps['access']; readonly hub: NotificationHub };
  /** Where the echo service is, when it is not the bench's own. */
  readonly echoTarget?: UpstreamTarget;
}

/** Nobody listens to the database here: these daemons have none. */
const silentHub: NotificationHub = {
  subscribe: () => () => undefined,
  lastAliveAtMs: () => Date.now(),
  check: async () => undefined,
  stop: async () => undefined,
};

function depsOf(service: ServiceName): DaemonDeps {
  return {
    version: 'test',
    log: createLogger({ service, version: 'test', level: 'silent' }),
    metrics: createMetrics({ service, processMetrics: false }),
    seal: createIdentitySeal({
      keys: keysFromSecret('a secret that only this test knows', service),
      clock: systemClock,
    }),
    hub: silentHub,
    clock: systemClock,
    maxBodyBytes: 262_144,
    validateResponses: true,
    hostChecks: {},
  };
}

/** A real gateway before two echo daemons, in this process or behind a socket. */
export async function openBench(options: BenchOptions): Promise<GatewayBench> {
  const running: Stoppable[] = [];
  const streams = { count: 0 };
  const refused: SecurityEvent[] = [];
  const place = async (listener: DaemonListener): Promise<UpstreamTarget> => {
    if (options.kind === 'direct') return { kind: 'direct', serve: listener.serve };
    const server = await listen(listener, { port: 0, host: '127.0.0.1' });
    running.push(server);
    return { kind: 'http', baseUrl: `http://127.0.0.1:${server.port}` };
  };
  const echo = options.echoTarget ?? (await place(echoDaemon(depsOf('lead'), streams)));
  const signedIn = await place(signedInDaemon(depsOf('auth')));
  const gateway = createGatewayDaemon(
    {
      ...depsOf('gateway'),
      ...(options.log ? { log: options.log } : {}),
      limits:
        options.limits ??
        createLimits({ store: memoryStore(), log: options.log ?? depsOf('gateway').log }),
      ...(options.access ? { hub: options.access.hub } : {}),
      contracts: [echoContract, signedInContract],
      targets: new Map([
        ['lead', echo],
        ['auth', signedIn],
      ]),
      access: options.access?.copy ?? accessOfPeople(),
      security: {
        record: (event) => void refused.push(event),
        flush: async () => undefined,
        stop: async () => undefined,
      },
      upstreamChecks: options.upstreamChecks ?? {},
      ...(options.answerTimeoutMs === undefined
        ? {}
        : { answerTimeoutMs: options.answerTimeoutMs }),
    },
    {
      JWT_SECRETS: SECRETS,
      ACCESS_TOKEN_TTL_S: 1_800,
      REFRESH_TOKEN_TTL_S: 604_800,
      INGEST_QUEUE_MAX: 100,
      RATE_LIMIT_PER_MINUTE: 100_000,
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: 100_000,
      TRUSTED_PROXIES: 0,
      DOCS: 'private',
      EXPOSE_OPERATIONS: 'private',
      HSTS: 'auto',
      REQUIRE_ADMIN_TOTP: options.requireAdminTotp ?? false,
      ...options.settings,
    },
  );
  const server = await listen(gateway.listener, { port: 0, host: '127.0.0.1' });
  running.push(gateway, server);
  const ring = createTokenRing({ secrets: SECRETS, clock: systemClock });
  return {
    port: server.port,
    ring,
    streams,
    refused,
    as(person, type = 'access') {
      const { userId: id, isAdmin } = people[person];
      const user = { id, email: `${person}@example.com`, isAdmin };
      const token = ring.issue({ type, user, jti: newId(), sid: id, lifetimeSeconds: 60 });
      return { authorization: `Bearer ${token}` };
    },
    stop: () => stopAll(running),
  };
}
