import type { WebhookBehaviour } from '../meta/webhook-behaviour.ts';
import type { ControlDeps, ControlHandlers } from './handlers.ts';

type WebhookHandlers = Pick<
  ControlHandlers,
  'getWebhookBehaviour' | 'setWebhookBehaviour' | 'listWebhooks' | 'sendWebhook'
>;

export function webhookHandlers({ state }: ControlDeps): WebhookHandlers {
  return {
    getWebhookBehaviour: () => ({ status: 200, body: present(state.behaviour.current()) }),
    setWebhookBehaviour: ({ body }) => ({
      status: 200,
      body: present(state.behaviour.change(body)),
    }),
    listWebhooks: () => ({ status: 200, body: { data: [...state.sender.log()] } }),
    sendWebhook: async ({ body }) => {
      // As text throughout: parsed, an id beyond 2^53 would not survive.
      const text = body.toString('utf8');
      const gatewayStatus = await state.sender.sendNow({ object: objectIn(text), text });
      return { status: 200, body: { gateway_status: gatewayStatus } };
    },
  };
}

function objectIn(text: string): string {
  return /"object"\s*:\s*"(\w+)"/.exec(text)?.[1] ?? 'unknown';
}

function present({ leads, statuses }: WebhookBehaviour) {
  return { leads, statuses: { ...statuses, sequence: [...statuses.sequence] } };
}
