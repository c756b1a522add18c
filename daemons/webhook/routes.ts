import { isFailure } from '../../lib/core/errors.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import type { WebhookContract } from './contract.ts';
import type { ReceiveService } from './receive/service.ts';
import type { ReconcileService } from './reconcile/service.ts';
import type { EventService } from './service.ts';

export interface WebhookRouteDeps {
  readonly receiving: ReceiveService;
  readonly events: EventService;
  readonly reconciling: ReconcileService;
  /** Told of every post whose signature is wrong or missing; must neither wait nor throw. */
  readonly onUnsigned: (post: { readonly ip: string }) => void;
}

export function webhookRoutes(deps: WebhookRouteDeps): Handlers<WebhookContract> {
  return {
    subscribe({ query }) {
      const challenge = deps.receiving.subscribe({
        mode: textOf(query['hub.mode']),
        token: textOf(query['hub.verify_token']),
        challenge: textOf(query['hub.challenge']),
      });
      return isFailure(challenge) ? challenge : { status: 200, body: challenge };
    },

    async receive({ headers, body, call }) {
      const failure = await deps.receiving.receive(body, headers['x-hub-signature-256']);
      if (failure?.code === 'unauthenticated') deps.onUnsigned({ ip: call.ip });
      return failure ?? { status: 200 };
    },

    async listEvents({ query }) {
      const page = await deps.events.list(query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async reconcile({ params, body, actor, call }) {
      const report = await deps.reconciling.reconcile(
        { identity: actor, call },
        params,
        body,
        call.signal,
      );
      return isFailure(report) ? report : { status: 200, body: report };
    },
  };
}

const LONGEST_HANDSHAKE_TEXT = 500;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_HANDSHAKE_TEXT
    ? value
    : undefined;
}
