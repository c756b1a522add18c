import { z } from 'zod';
import type { SecurityLog } from '../../lib/audit/security.ts';
import {
  exposureSettings,
  limitSettings,
  secondFactorSettings,
  tokenSettings,
} from '../../lib/core/config.ts';
import { toOpenApi } from '../../lib/contract/openapi.ts';
import type { Contract, ServiceName } from '../../lib/contract/route.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import { allowedMethods } from '../../lib/http/allowed-methods.ts';
import { answerHeaders } from '../../lib/http/answer-headers.ts';
import type { Limits } from '../../lib/limits/limits.ts';
import { asListener, createKoa, observe } from '../../lib/http/app.ts';
import { operations, type ReadinessCheck } from '../../lib/http/operations.ts';
import { problems } from '../../lib/http/problems.ts';
import { requestContext } from '../../lib/http/request.ts';
import { createTokenRing } from '../../lib/identity/tokens.ts';
import { ACCOUNT_HTML } from './account/html.ts';
import { gatewayContract } from './contract.ts';
import { docsPage } from './docs/page.ts';
import { embedFiles } from './embed/serve.ts';
import { homePage } from './home.ts';
import { htmlPage } from './html-page.ts';
import { bearerOf, verifyToken, type AccessSource } from './bearer.ts';
import { createProxies } from './address.ts';
import { createGatewayLimits } from './limits.ts';
import { createLiveAnswers } from './live.ts';
import { recordRefusedRequests } from './refused-requests.ts';
import { gatewayRoutes, servedRoutes } from './routes.ts';
import { createOperatorCheck } from './operators.ts';
import { oneHost, strictTransport } from './transport.ts';
import { rememberVerified } from './verified-tokens.ts';
import { createUpstream, type Upstream, type UpstreamTarget } from './upstream.ts';

export const gatewaySettings = z.object({
  ...tokenSettings.shape,
  ...limitSettings.shape,
  ...exposureSettings.shape,
  ...secondFactorSettings.shape,
});

export interface GatewayDeps extends DaemonDeps {
  readonly contracts: readonly Contract[];
  readonly targets: ReadonlyMap<ServiceName, UpstreamTarget>;
  readonly limits: Limits;
  readonly access: AccessSource & { check: ReadinessCheck; stop(): Promise<void> };
  /** Stopped with the gateway. */
  readonly security: SecurityLog;
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
  const proxies = createProxies({ trusted: settings.TRUSTED_PROXIES, log: deps.log });
  const limits = createGatewayLimits(deps.limits, settings);
  const ring = createTokenRing({ secrets: settings.JWT_SECRETS, clock: deps.clock });
  const verify = rememberVerified(verifyToken(ring), { clock: deps.clock, tokenOf: bearerOf });
  const known = { access: deps.access, limits, proxies, verifyToken: verify };
  const refuseStranger = createOperatorCheck({ ...known, clock: deps.clock, settings });
  const routes = gatewayRoutes({
    ...known,
    contracts: deps.contracts,
    upstreams,
    access: { ...deps.access, requiresAdminTotp: settings.REQUIRE_ADMIN_TOTP },
    live,
    seal: deps.seal,
    clock: deps.clock,
    maxBodyBytes: deps.maxBodyBytes,
    onRefused: recordRefusedRequests(deps.security),
  });
  const openApi = toOpenApi(deps.contracts, deps.version);
  const app = createKoa();
  app.use(requestContext);
  app.use(answerHeaders);
  app.use(strictTransport(settings.HSTS, proxies));
  app.use(observe(deps));
  app.use(problems(deps.log));
  app.use(oneHost);
  app.use(
    operations({
      service: 'gateway',
      version: deps.version,
      metrics: deps.metrics,
      checks: { access: deps.access.check, ...deps.upstreamChecks, ...deps.hostChecks },
      openApi: () => openApi,
      refuseStranger,
    }),
  );
  app.use(homePage());
  app.use(docsPage(refuseStranger));
  app.use(htmlPage(['/account/', '/account'], ACCOUNT_HTML));
  app.use(embedFiles());
  app.use(routes);
  app.use(allowedMethods(servedRoutes(deps.contracts)));
  return {
    contract: gatewayContract,
    listener: asListener(app),
    async stop() {
      await live.stop();
      await Promise.all([...upstreams.values()].map((upstream) => upstream.stop()));
      await stopAll([deps.access, deps.limits, deps.security]);
    },
  };
}
