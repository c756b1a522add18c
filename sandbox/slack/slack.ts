import { createBoundedList, type BoundedList } from '../bounded.ts';
import type { Refusal } from '../faults/perform.ts';
import type { ProviderEndpoint } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { Clock } from '../../lib/core/clock.ts';

export interface SlackMessage {
  /** The last part of the incoming webhook's address. */
  readonly hook: string;
  readonly text: string;
  readonly at: string;
}

export type SlackMessages = BoundedList<SlackMessage>;

/** `POST /services/{team}/{app}/{hook}`: Slack's incoming webhooks, which answer in plain text. */
export function slackEndpoint(deps: {
  slackMessages: SlackMessages;
  clock: Clock;
  changed: () => void;
}): ProviderEndpoint {
  return {
    method: 'POST',
    path: '/services/:team/:app/:hook',
    provider: 'slack',
    operation: 'post',
    subject: 'hook',
    handle({ params, body }) {
      const text = textOf(body);
      if (text === undefined) return refuseAsSlack({ status: 400, code: 'invalid_payload' });
      if (text === '') return refuseAsSlack({ status: 400, code: 'no_text' });
      deps.slackMessages.add({
        hook: params['hook'] ?? '',
        text,
        at: deps.clock().toISOString(),
      });
      deps.changed();
      return { status: 200, text: 'ok' };
    },
  };
}

export const createSlackMessages = (deps: { keepEntries: number }): SlackMessages =>
  createBoundedList<SlackMessage>(deps.keepEntries);

/** Slack words an error as a bare code (docs.slack.dev, incoming webhooks, "Handling errors"). */
export function refuseAsSlack({ status = 500, code, message }: Refusal): ProviderReply {
  return { status, text: String(code ?? message ?? (status === 500 ? 'rollup_error' : '')) };
}

function textOf(body: Buffer): string | undefined {
  try {
    const message: unknown = JSON.parse(body.toString('utf8'));
    if (typeof message !== 'object' || message === null) return undefined;
    const text: unknown = Reflect.get(message, 'text');
    return typeof text === 'string' ? text : '';
  } catch {
    return undefined;
  }
}
