import type { Router } from '@koa/router';
import type { Clock } from '../lib/core/clock.ts';
import type { RequestState } from '../lib/http/request.ts';
import type { Logger } from '../lib/telemetry/log.ts';
import type { Refusal } from './faults/perform.ts';
import { refuseAsGoogle } from './google/errors.ts';
import { sheetsEndpoints } from './google/sheets-endpoints.ts';
import { tokenEndpoint } from './google/token.ts';
import { metaEndpoints } from './meta/endpoints.ts';
import { refuseAsGraph, refuseAsWhatsApp } from './meta/graph-errors.ts';
import { hookEndpoint } from './hooks/receivers.ts';
import { providerRouter } from './provider.ts';
import type { ProviderReply } from './reply.ts';
import { refuseAsSlack, slackEndpoint } from './slack/slack.ts';
import type { SandboxState } from './state.ts';
import { whatsappEndpoints } from './whatsapp/endpoints.ts';

/** Google takes requests of some 10 MB, Meta much smaller ones. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export interface EmulationDeps {
  readonly state: SandboxState;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly appSecret: string;
  readonly maxCells: number;
  readonly stopping: AbortSignal;
}

/** Every provider's endpoints at the paths the real ones use. */
export function emulatedProviders(deps: EmulationDeps): Router<RequestState> {
  const { state, clock, appSecret } = deps;
  const whatsapp = { ...state, ...deps, limits: state.whatsappLimits };
  const endpoints = [
    tokenEndpoint({ access: state.googleAccess, clock }),
    ...sheetsEndpoints({ ...state, access: state.googleAccess, maxCells: deps.maxCells }),
    ...whatsappEndpoints(whatsapp),
    hookEndpoint(state),
    slackEndpoint({ ...state, clock }),
    ...metaEndpoints({ ...state, appSecret, whatsapp }),
  ];
  return providerRouter(endpoints, {
    ...deps,
    faults: state.faults,
    requests: state.requests,
    maxProviderBodyBytes: MAX_BODY_BYTES,
    refuse: {
      whatsapp: refuseAsWhatsApp,
      meta: refuseAsGraph,
      google_sheets: refuseAsGoogle,
      slack: refuseAsSlack,
      webhook: refusePlainly,
      // Mail comes by SMTP, past this router.
      email: refusePlainly,
    },
  });
}

/** A receiver of webhooks is anybody's: there is no form that its errors are known to have. */
function refusePlainly({ status = 500, message }: Refusal): ProviderReply {
  return { status, body: { error: message ?? 'The receiver was told to fail.' } };
}
