import type { WebhookBehaviour } from '../meta/webhook-behaviour.ts';
import { webhookText } from '../meta/webhook-bodies.ts';
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
      const text = webhookText(body, false);
      const gatewayStatus = await state.sender.sendNow({ object: body.object, text });
      return { status: 200, body: { gateway_status: gatewayStatus } };
    },
  };
}

function present({ leads, statuses }: WebhookBehaviour) {
  return { leads, statuses: { ...statuses, sequence: [...statuses.sequence] } };
}
