import type { Clock } from '../../../../lib/core/clock.ts';
import type { WebhookClient } from '../../../../lib/providers/webhook/client.ts';
import { createPlainWork, type PlainKind } from '../../sending/plain.ts';
import { eventOf } from '../occasion.ts';
import { webhookBody } from './body.ts';
import { webhookSettings, type WebhookSettings } from './settings.ts';

export interface WebhookDeps {
  readonly client: WebhookClient;
  readonly clock: Clock;
}

/** As many as there are connections to one receiver. */
const IN_FLIGHT = 16;

/** The receiver wants nothing more, ever. */
const GONE = 'http_410';

export function webhookDeliveries({
  client,
  clock,
}: WebhookDeps): PlainKind<WebhookSettings, { readonly body: string }> {
  return {
    settings: webhookSettings,
    inFlight: IN_FLIGHT,
    wantsPeople: ({ delivery }) => eventOf(delivery.occasion) === 'lead.assigned',
    render: (one) => ({ body: webhookBody(one, clock()) }),
    async send({ body }, { delivery, settings, secrets, signal }) {
      const sent = await client.post({
        url: settings.url,
        headers: settings.headers ?? {},
        id: delivery.id,
        body,
        secrets: secrets['signing_secret'] ?? [],
        signal,
      });
      return sent.kind === 'ok' ? { ...sent, value: { reference: null } } : sent;
    },
    async onFailure(run, { code }) {
      if (code !== GONE) return;
      const message =
        'The receiver answered 410: it is gone for good. Set another url, and enable the destination.';
      await run.disable({ code, message });
    },
  };
}

export const createWebhookWork = (deps: WebhookDeps) =>
  createPlainWork(webhookDeliveries(deps), { clock: deps.clock });
