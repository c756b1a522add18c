import type { Clock } from '../../../../lib/core/clock.ts';
import type { SlackClient } from '../../../../lib/providers/slack/client.ts';
import { createPlainWork, type PlainKind } from '../../sending/plain.ts';
import { slackMessage } from './message.ts';
import { slackSettings, type SlackSettings } from './settings.ts';

export interface SlackDeps {
  readonly client: SlackClient;
  readonly clock: Clock;
}

/** An incoming webhook takes one message a second, and short bursts (docs.slack.dev, "Rate limits"). */
const RATE = { capacity: 3, perSecond: 1, isByLane: true };

export function slackDeliveries({
  client,
}: SlackDeps): PlainKind<SlackSettings, { readonly text: string }> {
  return {
    settings: slackSettings,
    inFlight: RATE.capacity,
    rate: RATE,
    render: (one) => ({ text: slackMessage(one) }),
    async send({ text }, { secrets, signal }) {
      const [webhookUrl = ''] = secrets['webhook_url'] ?? [];
      const sent = await client.post({ webhookUrl, text, signal });
      return sent.kind === 'ok' ? { ...sent, value: { reference: null } } : sent;
    },
  };
}

export const createSlackWork = (deps: SlackDeps) =>
  createPlainWork(slackDeliveries(deps), { clock: deps.clock });
