import { newSigningSecret } from '../../../../lib/providers/webhook/signature.ts';
import { textIn, type Kind } from '../kind.ts';
import { checkWebhook } from './check.ts';
import { createWebhookWork } from './send.ts';
import { signingSecret, webhookSettings } from './settings.ts';

const DAY_MS = 86_400_000;

export const webhookKind: Kind = {
  kind: 'webhook',
  title: 'Webhook, signed as Standard Webhooks have it',
  settings: webhookSettings,
  secrets: {
    signing_secret: {
      title: 'Signs each post; made when it is not given',
      given: signingSecret,
      isRequired: true,
      make: newSigningSecret,
      overlapMs: DAY_MS,
    },
  },
  doubt: 'safe_to_repeat',
  account: (settings) => hostOf(textIn(settings, 'url')) ?? '-',
  createWork: ({ clients, clock }) => createWebhookWork({ client: clients.webhook, clock }),
  checkIsSilent: true,
  check: checkWebhook,
};

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}
