import { pairHandlers } from '../lib/contract/handler.ts';
import { toOpenApi } from '../lib/contract/openapi.ts';
import type { Clock } from '../lib/core/clock.ts';
import type { Daemon } from '../lib/daemon/daemon.ts';
import { asListener, createKoa, observe } from '../lib/http/app.ts';
import { bind, type BindOptions } from '../lib/http/bind.ts';
import { operations } from '../lib/http/operations.ts';
import { problems } from '../lib/http/problems.ts';
import { requestContext } from '../lib/http/request.ts';
import type { Logger } from '../lib/telemetry/log.ts';
import type { Metrics } from '../lib/telemetry/metrics.ts';
import { sandboxContract } from './contract.ts';
import { controlHandlers } from './control/handlers.ts';
import { DEFAULT_LIMITS, type SandboxLimits } from './limits.ts';
import { pageRouter } from './page/routes.ts';
import { createSandboxState } from './state.ts';
import { emulatedProviders } from './providers.ts';

export interface SandboxDeps extends BindOptions {
  readonly version: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Where signed webhooks go: `/webhook/meta` is added. A function where the port is not known yet. */
  readonly gatewayUrl: string | (() => string);
  /** The app's secret: signs webhooks, checks `appsecret_proof`. */
  readonly appSecret: string;
  /** Said to the gateway at the handshake. */
  readonly verifyToken: string;
  readonly limits?: SandboxLimits;
  /** 0 to 1, as Math.random: decides faults and drops with a rate. */
  readonly random?: () => number;
}

/** Meta Graph, WhatsApp and Google Sheets, emulated on one port; needs no gateway and no database. */
export function createSandboxDaemon(deps: SandboxDeps): Daemon {
  const { clock, log, gatewayUrl, random = Math.random } = deps;
  const webhookUrl = () => {
    const base = typeof gatewayUrl === 'string' ? gatewayUrl : gatewayUrl();
    return `${base.replace(/\/+$/, '')}/webhook/meta`;
  };
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const state = createSandboxState({ ...deps, random, webhookUrl, limits });
  const stopping = new AbortController();
  const control = controlHandlers({
    state,
    clock,
    random,
    verifyToken: deps.verifyToken,
    webhookUrl,
  });

  const app = createKoa();
  app.use(requestContext);
  app.use(observe(deps));
  app.use(problems(log));
  app.use(
    operations({
      service: sandboxContract.service,
      version: deps.version,
      metrics: deps.metrics,
      checks: {},
      openApi: () => toOpenApi([sandboxContract], deps.version),
    }),
  );
  const routers = [
    pageRouter(state),
    bind(sandboxContract, pairHandlers(sandboxContract, control), deps),
    emulatedProviders({
      state,
      clock,
      log,
      random,
      appSecret: deps.appSecret,
      maxCells: limits.maxCells,
      stopping: stopping.signal,
    }),
  ];
  for (const router of routers) app.use(router.routes());

  return {
    contract: sandboxContract,
    listener: asListener(app),
    async stop() {
      stopping.abort();
      await state.sender.stop();
    },
  };
}
