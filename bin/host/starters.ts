import { z } from 'zod';
import {
  databaseSettings,
  loadConfig,
  metaSettings,
  sharedLimitSettings,
} from '../../lib/core/config.ts';
import type { ServiceName } from '../../lib/contract/route.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import type { UpstreamTarget } from '../../daemons/gateway/upstream.ts';
import type { HostContext } from './context.ts';
import type { Env } from './env.ts';
import { serviceUrl } from './ports.ts';

export interface StartRequest {
  readonly host: HostContext;
  /** As this service is to see it. */
  readonly env: Env;
  readonly deps: DaemonDeps;
  /** Daemons of this process, which the gateway reaches without a socket. */
  readonly local: ReadonlyMap<ServiceName, Daemon>;
}

export type Starter = (request: StartRequest) => Promise<Daemon>;

/** How each service is made; its code is loaded only in the process that runs it. */
export const STARTERS: Readonly<Record<ServiceName, Starter>> = {
  async auth({ env, deps }) {
    const { authSettings, createAuthDaemon } = await import('../../daemons/auth/daemon.ts');
    return createAuthDaemon(deps, loadConfig(env, authSettings));
  },
  async client({ env, deps }) {
    const { clientSettings, createClientDaemon } = await import('../../daemons/client/daemon.ts');
    return createClientDaemon(deps, loadConfig(env, clientSettings));
  },
  async user({ env, deps }) {
    const { userSettings, createUserDaemon } = await import('../../daemons/user/daemon.ts');
    return createUserDaemon(deps, loadConfig(env, userSettings));
  },
  async lead({ env, deps }) {
    const { leadSettings, createLeadDaemon } = await import('../../daemons/lead/daemon.ts');
    return createLeadDaemon(deps, loadConfig(env, leadSettings));
  },
  async product({ env, deps }) {
    const { productSettings, createProductDaemon } =
      await import('../../daemons/product/daemon.ts');
    return createProductDaemon(deps, loadConfig(env, productSettings));
  },
  async integration({ env, deps }) {
    const { integrationSettings, createIntegrationDaemon } =
      await import('../../daemons/integration/daemon.ts');
    return createIntegrationDaemon(deps, loadConfig(env, integrationSettings));
  },
  async webhook({ env, deps }) {
    const [{ webhookSettings, createWebhookDaemon }, { createLeadWriter }] = await Promise.all([
      import('../../daemons/webhook/daemon.ts'),
      import('../../daemons/lead/jobs.ts'),
    ]);
    return createWebhookDaemon({ ...deps, createLeadWriter }, loadConfig(env, webhookSettings));
  },
  async permission({ env, deps }) {
    const { permissionSettings, createPermissionDaemon } =
      await import('../../daemons/permission/daemon.ts');
    return createPermissionDaemon(deps, loadConfig(env, permissionSettings));
  },
  async hierarchy({ env, deps }) {
    const { hierarchySettings, createHierarchyDaemon } =
      await import('../../daemons/hierarchy/daemon.ts');
    return createHierarchyDaemon(deps, loadConfig(env, hierarchySettings));
  },
  async worker({ env, deps }) {
    const { workerSettings, createWorkerDaemon } = await import('../../daemons/worker/daemon.ts');
    return createWorkerDaemon(deps, loadConfig(env, workerSettings));
  },
  async sandbox({ host, env, deps }) {
    const [{ createSandboxDaemon }, { limitsFrom, sandboxSettings }] = await Promise.all([
      import('../../sandbox/daemon.ts'),
      import('../../sandbox/limits.ts'),
    ]);
    const meta = loadConfig(env, metaSettings);
    const settings = loadConfig(env, sandboxSettings);
    const { SANDBOX_SMTP_PORT: port } = settings;
    return createSandboxDaemon({
      ...deps,
      gatewayUrl: serviceUrl(host.env, 'gateway', host.portBase),
      appSecret: meta.META_APP_SECRET,
      verifyToken: meta.META_VERIFY_TOKEN,
      limits: limitsFrom(settings),
      ...(port === undefined ? {} : { smtp: { port, host: host.settings.HOST } }),
    });
  },
  async gateway({ host, env, deps, local }) {
    const [
      { createGatewayDaemon, gatewaySettings },
      { CONTRACTS },
      { openAccess },
      { openLimits },
      { openSecurityLog },
    ] = await Promise.all([
      import('../../daemons/gateway/daemon.ts'),
      import('./registry.ts'),
      import('../../daemons/gateway/access.ts'),
      import('../../lib/limits/open.ts'),
      import('../../daemons/gateway/security.ts'),
    ]);
    const behind = CONTRACTS.filter(({ service }) => service !== 'gateway');
    const urlOf = (service: ServiceName) => serviceUrl(host.env, service, host.portBase);
    const database = loadConfig(env, databaseSettings);
    return createGatewayDaemon(
      {
        ...deps,
        access: openAccess(deps, database),
        limits: openLimits(
          {
            limitsUrl: loadConfig(env, sharedLimitSettings).LIMITS_URL,
            databaseUrl: database.DATABASE_URL,
            role: 'leadctl_gateway',
            applicationName: 'leadctl-gateway-limits',
          },
          deps.log,
        ),
        security: openSecurityLog(deps, database),
        contracts: behind,
        targets: new Map(
          behind.map(({ service }) => [service, targetOf(local.get(service), urlOf(service))]),
        ),
        upstreamChecks: Object.fromEntries(
          behind.map(({ service }) => [service, () => checkReady(urlOf(service))]),
        ),
      },
      loadConfig(env, gatewaySettings),
    );
  },
};

function targetOf(daemon: Daemon | undefined, baseUrl: string): UpstreamTarget {
  const serve = daemon?.listener.serve;
  return serve ? { kind: 'direct', serve } : { kind: 'http', baseUrl };
}

const READY_TIMEOUT_MS = 1_500;

const readiness = z.object({
  version: z.string(),
  checks: z.record(z.string(), z.object({ status: z.string() })),
});

/** Resolves with the version that answers; rejects with the names of what is not as it should be. */
async function checkReady(baseUrl: string): Promise<{ version: string }> {
  const response = await fetch(`${baseUrl}/ready`, {
    signal: AbortSignal.timeout(READY_TIMEOUT_MS),
  });
  // The gateway shows this to anybody: which service and which check, not where it is or what it says.
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new Error(`answers ${response.status}`);
  const { version, checks } = parsed.data;
  const failed = Object.keys(checks).filter((name) => checks[name]?.status !== 'ok');
  if (failed.length > 0) throw new Error(`not ready: ${failed.join(', ')}`);
  return { version };
}
