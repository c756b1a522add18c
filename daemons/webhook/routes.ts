import { isFailure } from '../../lib/core/errors.ts';
import type { SecurityLog } from '../../lib/audit/security.ts';
import type { Call, Handlers } from '../../lib/contract/handler.ts';
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
  readonly security: Pick<SecurityLog, 'record'>;
}

export function webhookRoutes(deps: WebhookRouteDeps): Handlers<WebhookContract> {
  const rejected = (what: string, { ip, requestId }: Pick<Call, 'ip' | 'requestId'>) =>
    deps.security.record({
      action: 'webhook.rejected',
      clientId: null,
      targetKind: 'webhook',
      targetId: `meta ${what}`,
      ip,
      requestId,
    });
  return {
    subscribe({ query, call }) {
      const challenge = deps.receiving.subscribe({
        mode: textOf(query['hub.mode']),
        token: textOf(query['hub.verify_token']),
        challenge: textOf(query['hub.challenge']),
      });
      if (isFailure(challenge)) rejected('subscription', call);
      return challenge;
    },

    async receive({ headers, body, call }) {
      const failure = await deps.receiving.receive(
        body,
        headers['x-hub-signature-256'],
        call.traceparent,
      );
      if (failure?.code === 'unauthenticated') {
        deps.onUnsigned({ ip: call.ip });
        rejected('post', call);
      }
      return failure;
    },

    listEvents: ({ query }) => deps.events.list(query),

    reconcile: ({ params, body, actor, call }) =>
      deps.reconciling.reconcile({ identity: actor, call }, params, body, call.signal),
  };
}

const LONGEST_HANDSHAKE_TEXT = 500;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_HANDSHAKE_TEXT
    ? value
    : undefined;
}
