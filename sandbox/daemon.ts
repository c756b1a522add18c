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
import { createMailServer, type MailServer } from './mail/server.ts';
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
  /** Where the mail server listens; no mail server without it. 0 for any free port. */
  readonly smtp?: { readonly port: number; readonly host: string };
  /** 0 to 1, as Math.random: decides faults and drops with a rate. */
  readonly random?: () => number;
}

export interface SandboxDaemon extends Daemon {
  /** The mail server's port once it listens; undefined when there is none. */
  readonly smtpPort: Promise<number | undefined>;
}

/**
 * Meta Graph, WhatsApp, Google Sheets, Slack and receivers of webhooks on one port, and a mail server
 * on its own; needs no gateway and no database.
 */
export function createSandboxDaemon(deps: SandboxDeps): SandboxDaemon {
  const { clock, log, gatewayUrl, random = Math.random } = deps;
  const webhookUrl = () => {
    const base = typeof gatewayUrl === 'string' ? gatewayUrl : gatewayUrl();
    return `${base.replace(/\/+$/, '')}/webhook/meta`;
  };
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const state = createSandboxState({ ...deps, random, webhookUrl, limits });
  const mail = createMailServer({ ...state, clock, log });
  const smtpPort = openMail(mail, deps);
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
    pageRouter(state).routes(),
    bind(sandboxContract, pairHandlers(sandboxContract, control), deps),
    emulatedProviders({
      state,
      clock,
      log,
      random,
      appSecret: deps.appSecret,
      maxCells: limits.maxCells,
      stopping: stopping.signal,
    }).routes(),
  ];
  for (const router of routers) app.use(router);

  return {
    contract: sandboxContract,
    listener: asListener(app),
    smtpPort,
    async stop() {
      stopping.abort();
      await smtpPort;
      await Promise.all([state.sender.stop(), mail.stop()]);
    },
  };
}

/** A port that is taken leaves the rest of the sandbox running, and the log says so. */
async function openMail(mail: MailServer, deps: SandboxDeps): Promise<number | undefined> {
  if (deps.smtp === undefined) return undefined;
  try {
    return await mail.listen(deps.smtp);
  } catch (error) {
    deps.log.error({ err: error, ...deps.smtp }, 'the mail server of the sandbox does not listen');
    return undefined;
  }
}
