import type { HttpFailure, HttpReply } from '../http.ts';
import { maskText } from '../mask.ts';
import { createOutgoingHttp, type OutgoingOptions } from '../outgoing/http.ts';
import { because, hold, retry, type CallReport, type ProviderResult } from '../outcome.ts';
import { retryAfterMs } from '../retry-after.ts';
import { verdictOfStatus } from './errors.ts';
import { signedHeaders } from './signature.ts';

export interface PostWebhook {
  readonly url: string;
  /** The receiver's own, such as an authorisation; ours win where the names meet. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same for every attempt: `webhook-id`. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** Newest first; see `signedHeaders`. */
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export interface WebhookClient {
  /** Sends once; never throws for what the receiver did. */
  post(webhook: PostWebhook): Promise<ProviderResult<{ readonly status: number }>>;
  close(): Promise<void>;
}

/** Of what a receiver says, for the attempt's row. */
const MOST_MESSAGE_CHARACTERS = 300;

/** Standard Webhooks (standardwebhooks.com), signed and sent to a client's own receiver. */
export function createWebhookClient(options: OutgoingOptions): WebhookClient {
  const http = createOutgoingHttp(options);
  return {
    async post(webhook) {
      const url = new URL(webhook.url);
      const startedAt = new Date();
      const startMs = performance.now();
      const exchange = await http.send({
        method: 'POST',
        url,
        headers: {
          ...lowerCased(webhook.headers),
          'content-type': 'application/json',
          'user-agent': 'leadctl-webhook/1',
          ...signedHeaders({ ...webhook, at: startedAt }),
        },
        body: webhook.body,
        signal: webhook.signal,
      });
      const reply = exchange.kind === 'reply' ? exchange : null;
      const call: CallReport = {
        operation: 'webhook.post',
        startedAt,
        durationMs: Math.round(performance.now() - startMs),
        httpStatus: reply?.status ?? null,
        sent: { host: url.host, id: webhook.id, bytes: Buffer.byteLength(webhook.body) },
        traceId: reply?.header('x-request-id') ?? null,
      };
      return exchange.kind === 'failure'
        ? { ...unanswered(exchange), call }
        : { ...judge(exchange, Object.values(webhook.headers)), call };
    },
    close: () => http.close(),
  };
}

/** A webhook carries its id, so one that may have arrived is simply sent again. */
function unanswered(failure: HttpFailure) {
  return because(failure.code === 'address_refused' ? INNER_ADDRESS : retry(), failure);
}

const INNER_ADDRESS = hold(
  'lane',
  'Set an address that the Internet can reach; inner ones have to be named in DESTINATION_ALLOW.',
);

function judge(reply: HttpReply, secrets: readonly string[]) {
  const { status } = reply;
  if (status >= 200 && status < 300) return { kind: 'ok', value: { status } } as const;
  const said = maskText(reply.text.slice(0, MOST_MESSAGE_CHARACTERS), secrets).trim();
  const message = said === '' ? `The receiver answered ${status}.` : `${status}: ${said}`;
  const waitMs = retryAfterMs(reply.header('retry-after'));
  return because(verdictOfStatus(status), { code: `http_${status}`, message }, waitMs);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
