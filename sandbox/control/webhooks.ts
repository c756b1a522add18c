import type { WebhookBehaviour } from '../meta/webhook-behaviour.ts';
import type { ControlDeps, ControlHandlers } from './deps.ts';

type WebhookHandlers = Pick<
  ControlHandlers,
  'getWebhookBehaviour' | 'setWebhookBehaviour' | 'listWebhooks' | 'sendWebhook'
>;

export function webhookHandlers({ state }: ControlDeps): WebhookHandlers {
  return {
    getWebhookBehaviour: () => present(state.behaviour.current()),
    setWebhookBehaviour: ({ body }) => present(state.behaviour.change(body)),
    listWebhooks: () => ({ data: [...state.sender.log()] }),
    sendWebhook: async ({ body }) => {
      // As text throughout: parsed, an id beyond 2^53 would not survive.
      const text = body.toString('utf8');
      const gatewayStatus = await state.sender.sendNow({ object: objectIn(text), text });
      return { gateway_status: gatewayStatus };
    },
  };
}

function objectIn(text: string): string {
  return /"object"\s*:\s*"(\w+)"/.exec(text)?.[1] ?? 'unknown';
}

function present({ leads, statuses }: WebhookBehaviour) {
  return { leads, statuses: { ...statuses, sequence: [...statuses.sequence] } };
}
