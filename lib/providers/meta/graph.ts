import type { z } from 'zod';
import { createHttp, type HttpOptions, type HttpReply } from '../http.ts';
import { parseJson } from '../../core/lossless-json.ts';
import { maskText } from '../mask.ts';
import {
  because,
  hold,
  retry,
  type CallReport,
  type ProviderOutcome,
  type ProviderResult,
  type Verdict,
} from '../outcome.ts';
import { retryAfterMs } from '../retry-after.ts';
import { codeLabel, readGraphError, type GraphError } from './graph-errors.ts';
import { appSecretProof } from './signature.ts';
import { parseUsage, type GraphUsage } from './usage.ts';

export interface GraphOptions extends HttpOptions {
  /** Without a version: `https://graph.facebook.com`. */
  readonly baseUrl: string;
  /** `v25.0` */
  readonly apiVersion: string;
}

export interface GraphReport extends CallReport {
  readonly usage: GraphUsage | null;
}

export type GraphResult<T> = ProviderResult<T, GraphReport>;

export interface GraphCall<T> {
  readonly operation: string;
  readonly method: 'GET' | 'POST';
  /** Its parts are encoded here. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly accessToken: string;
  /** Adds `appsecret_proof`. */
  readonly appSecret?: string;
  readonly answer: z.ZodType<T>;
  readonly verdictOf: (error: GraphError) => Verdict;
  /** What a request that was sent and not answered means. */
  readonly unanswered: Verdict;
  readonly sent: CallReport['sent'];
  /** Masked in what the provider says, beside the token and the app's secret. */
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export interface Graph {
  call<T>(call: GraphCall<T>): Promise<GraphResult<T>>;
  close(): Promise<void>;
}

/** One call to Meta's Graph API, from its parts to its outcome; for leads and for WhatsApp. */
export function createGraph(options: GraphOptions): Graph {
  const http = createHttp(options);
  return {
    async call(call) {
      const startedAt = new Date();
      const startMs = performance.now();
      const exchange = await http.send({
        method: call.method,
        url: urlOf(options, call),
        headers: headersOf(call),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: call.signal,
      });
      const reply = exchange.kind === 'reply' ? exchange : null;
      const body = reply === null ? undefined : bodyOf(reply);
      const report: GraphReport = {
        operation: call.operation,
        startedAt,
        durationMs: Math.round(performance.now() - startMs),
        httpStatus: reply?.status ?? null,
        sent: call.sent,
        traceId: readGraphError(body)?.traceId ?? reply?.header('x-fb-trace-id') ?? null,
        usage: reply === null ? null : parseUsage((name) => reply.header(name)),
      };
      if (exchange.kind === 'failure') {
        const verdict = exchange.sent ? call.unanswered : retry({ scope: 'lane' });
        return { ...because(verdict, exchange), call: report };
      }
      return { ...judge(call, exchange, body, report.usage), call: report };
    },
    close: () => http.close(),
  };
}

function judge<T>(
  call: GraphCall<T>,
  reply: HttpReply,
  body: unknown,
  usage: GraphUsage | null,
): ProviderOutcome<T> {
  const waitMs = Math.max(retryAfterMs(reply.header('retry-after')), usage?.regainAccessMs ?? 0);
  const error = readGraphError(body);
  if (error !== null) {
    const message = maskText(error.message, secretsOf(call));
    return because(call.verdictOf(error), { code: codeLabel(error), message }, waitMs);
  }
  if (reply.status >= 200 && reply.status < 300) {
    const answer = call.answer.safeParse(body);
    if (answer.success) return { kind: 'ok', value: answer.data };
    const message = 'The answer says success, but not in the form that is documented.';
    return because(call.unanswered, { code: 'unreadable_answer', message });
  }
  const message = `HTTP ${reply.status} without an error in the form that the Graph API documents.`;
  return because(
    verdictOfStatus(reply.status, call.unanswered),
    httpCode(reply.status, message),
    waitMs,
  );
}

function httpCode(status: number, message: string) {
  return { code: `http_${status}`, message };
}

function secretsOf({ accessToken, appSecret = '', secrets = [] }: GraphCall<unknown>): string[] {
  return [accessToken, appSecret, ...secrets];
}

// Something in between answered, not the Graph API: 5xx may come after the request went through.
function verdictOfStatus(status: number, unanswered: Verdict): Verdict {
  if (status === 429) return retry({ scope: 'lane' });
  if (status >= 500 || status === 408) return unanswered;
  return hold(
    'lane',
    'What answered is not the Graph API: check the base URL, the API version and any proxy.',
  );
}

function urlOf(options: GraphOptions, call: GraphCall<unknown>): URL {
  const path = [options.apiVersion, ...call.path].map((part) => encodeURIComponent(part)).join('/');
  const url = new URL(`${options.baseUrl.replace(/\/+$/, '')}/${path}`);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  if (call.appSecret !== undefined) {
    url.searchParams.set('appsecret_proof', appSecretProof(call.accessToken, call.appSecret));
  }
  return url;
}

// The token goes in a header, where no proxy's access log picks it up.
function headersOf(call: GraphCall<unknown>): Record<string, string> {
  const headers = { accept: 'application/json', authorization: `Bearer ${call.accessToken}` };
  return call.body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
}

function bodyOf(reply: HttpReply): unknown {
  try {
    return parseJson(reply.text);
  } catch {
    return undefined;
  }
}
