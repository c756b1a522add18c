import { z } from 'zod';
import { limitSettings, secondFactorSettings, tokenSettings } from '../../lib/core/config.ts';
import { toOpenApi } from '../../lib/contract/openapi.ts';
import type { Contract, ServiceName } from '../../lib/contract/route.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { asListener, createKoa, observe } from '../../lib/http/app.ts';
import { operations, type ReadinessCheck } from '../../lib/http/operations.ts';
import { problems } from '../../lib/http/problems.ts';
import { requestContext } from '../../lib/http/request.ts';
import { createTokenRing } from '../../lib/identity/tokens.ts';
import { ACCOUNT_HTML } from './account/html.ts';
import { gatewayContract } from './contract.ts';
import { DOCS_HTML } from './docs-html.ts';
import { htmlPage } from './html-page.ts';
import { verifyToken, type AccessSource } from './guard.ts';
import { createGatewayLimits } from './limits.ts';
import { createLiveAnswers } from './live.ts';
import { gatewayRoutes } from './routes.ts';
import { createUpstream, type Upstream, type UpstreamTarget } from './upstream.ts';

export const gatewaySettings = z.object({
  ...tokenSettings.shape,
  ...limitSettings.shape,
  ...secondFactorSettings.shape,
});

export interface GatewayDeps extends DaemonDeps {
  readonly contracts: readonly Contract[];
  readonly targets: ReadonlyMap<ServiceName, UpstreamTarget>;
  readonly access: AccessSource & { check: ReadinessCheck; stop(): Promise<void> };
  /** One check a service, telling whether it can serve. */
  readonly upstreamChecks: Readonly<Record<string, ReadinessCheck>>;
  /** How long a daemon has to begin its answer; 20 s unless told otherwise. */
  readonly answerTimeoutMs?: number;
}

export function createGatewayDaemon(
  deps: GatewayDeps,
  settings: z.output<typeof gatewaySettings>,
): Daemon {
  const upstreams = new Map<ServiceName, Upstream>();
  for (const [service, target] of deps.targets) {
    upstreams.set(service, createUpstream(service, target, deps.answerTimeoutMs));
  }
  const live = createLiveAnswers(deps);
  const router = gatewayRoutes({
    contracts: deps.contracts,
    upstreams,
    access: { ...deps.access, requiresAdminTotp: settings.REQUIRE_ADMIN_TOTP },
    limits: createGatewayLimits(settings),
    live,
    seal: deps.seal,
    clock: deps.clock,
    trustedProxies: settings.TRUSTED_PROXIES,
    verifyToken: verifyToken(createTokenRing({ secrets: settings.JWT_SECRETS, clock: deps.clock })),
    maxBodyBytes: deps.maxBodyBytes,
  });
  const openApi = toOpenApi(deps.contracts, deps.version);
  const app = createKoa();
  app.use(requestContext);
  app.use(observe(deps));
  app.use(problems(deps.log));
  app.use(
    operations({
      service: 'gateway',
      version: deps.version,
      metrics: deps.metrics,
      checks: { access: deps.access.check, ...deps.upstreamChecks, ...deps.hostChecks },
      openApi: () => openApi,
    }),
  );
  app.use(htmlPage(['/docs'], DOCS_HTML));
  app.use(htmlPage(['/account/', '/account'], ACCOUNT_HTML));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return {
    contract: gatewayContract,
    listener: asListener(app),
    async stop() {
      await live.stop();
      await Promise.all([...upstreams.values()].map((upstream) => upstream.stop()));
      await deps.access.stop();
    },
  };
}
