import { isIP } from 'node:net';
import type { HttpReply } from '../http.ts';
import { maskText } from '../mask.ts';
import { bareHost, portOf } from '../outgoing/address.ts';
import type { AllowList } from '../outgoing/allow-list.ts';
import { createOutgoingHttp, type OutgoingOptions } from '../outgoing/http.ts';
import { because, hold, retry, type CallReport, type ProviderResult } from '../outcome.ts';
import { retryAfterMs } from '../retry-after.ts';
import { verdictOfAnswer } from './errors.ts';

export interface PostToSlack {
  /** The incoming webhook's address; whoever knows it may post, so it is a secret. */
  readonly webhookUrl: string;
  /** Slack's mrkdwn; see `escapeSlack` for what came from outside. */
  readonly text: string;
  readonly signal?: AbortSignal | undefined;
}

export interface SlackClient {
  /** Sends once; never throws for what Slack did. */
  post(message: PostToSlack): Promise<ProviderResult<null>>;
  close(): Promise<void>;
}

/** Slack's incoming webhooks (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). */
export function createSlackClient(options: OutgoingOptions): SlackClient {
  const http = createOutgoingHttp(options);
  return {
    async post({ webhookUrl, text, signal }) {
      const url = URL.canParse(webhookUrl) ? new URL(webhookUrl) : undefined;
      const startedAt = new Date();
      const startMs = performance.now();
      const reportOf = (httpStatus: number | null): CallReport => ({
        operation: 'slack.post',
        startedAt,
        durationMs: Math.round(performance.now() - startMs),
        httpStatus,
        sent: { host: url?.host ?? null, characters: text.length },
        traceId: null,
      });
      if (url === undefined || !isSlack(url, options.allow))
        return { ...ELSEWHERE, call: reportOf(null) };
      const exchange = await http.send({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        // Slack is not to fetch what a lead's fields link to.
        body: JSON.stringify({ text, unfurl_links: false, unfurl_media: false }),
        signal,
      });
      const call = reportOf(exchange.kind === 'reply' ? exchange.status : null);
      if (exchange.kind === 'reply') return { ...judge(exchange, webhookUrl), call };
      const verdict = exchange.code === 'address_refused' ? NOT_SLACK : retry();
      return { ...because(verdict, exchange), call };
    },
    close: () => http.close(),
  };
}

/** Text from outside must not become a mention or a link (docs.slack.dev, "Escaping text"). */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const NOT_SLACK = hold(
  'lane',
  'Set webhook_url to the address that Slack shows for the incoming webhook.',
);

const ELSEWHERE = because(NOT_SLACK, {
  code: 'not_slack',
  message: 'The address is not one of Slack’s incoming webhooks.',
});

const SLACK_HOSTS: ReadonlySet<string> = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

/** Slack itself, or a double of it that the operator allowed. */
function isSlack(url: URL, allow: AllowList): boolean {
  const host = bareHost(url.hostname);
  if (url.protocol === 'https:' && url.port === '' && SLACK_HOSTS.has(host)) return true;
  const target = { host, port: portOf(url) };
  return isIP(host) === 0 ? allow.names(target) : allow.allows({ ...target, address: host });
}

function judge({ status, text, header }: HttpReply, webhookUrl: string) {
  const said = text.trim();
  if (status === 200 && said === 'ok') return { kind: 'ok', value: null } as const;
  const code = /^[a-z_]{1,60}$/.test(said) ? said : `http_${status}`;
  const message = maskText(`Slack answered ${status}: ${said.slice(0, 200)}`, [webhookUrl]);
  const waitMs = retryAfterMs(header('retry-after'));
  return because(verdictOfAnswer(status, said), { code, message }, waitMs);
}
