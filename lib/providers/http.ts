import { Agent, type Dispatcher } from 'undici';
import { maskText } from './mask.ts';
import { AddressRefusedError } from './outgoing/address.ts';

export interface HttpOptions {
  /** For the whole call, from queueing to the last byte of the answer. */
  readonly timeoutMs: number;
  /** For reaching the server alone; never above `timeoutMs`. 3 s unless told. */
  readonly connectTimeoutMs?: number;
  /** An answer above this is not read on. 16 MiB unless told. */
  readonly maxAnswerBytes?: number;
  /** In place of a pool of our own, such as undici's EnvHttpProxyAgent. Left open by `close`. */
  readonly dispatcher?: Dispatcher;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly text: string;
  /** A header's value by its lower-case name. */
  header(name: string): string | null;
}

export type HttpFailureCode =
  | 'timeout'
  | 'aborted'
  | 'unreachable'
  | 'connection_lost'
  | 'too_big'
  /** The dispatcher protects inner addresses, and this was one. */
  | 'address_refused';

export interface HttpFailure {
  readonly kind: 'failure';
  readonly code: HttpFailureCode;
  readonly message: string;
  /** False only when no byte of the request can have left: it certainly did not happen. */
  readonly sent: boolean;
}

export interface Http {
  /** Sends once. Resolves whatever happens; redirects are answers, not followed. */
  send(request: HttpRequest): Promise<HttpReply | HttpFailure>;
  close(): Promise<void>;
}

// To one origin; more than a provider lets us use, and few enough to see a leak.
const MAX_CONNECTIONS = 64;

/** HTTP as the provider clients need it: bounded in time and size, and honest about sending. */
export function createHttp(options: HttpOptions): Http {
  const { timeoutMs, maxAnswerBytes = 16 * 1024 * 1024 } = options;
  const connectMs = Math.min(options.connectTimeoutMs ?? 3_000, timeoutMs);
  const dispatcher =
    options.dispatcher ??
    new Agent({ connections: MAX_CONNECTIONS, connect: { timeout: connectMs } });

  return {
    async send(request) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const watch = watchSending(dispatcher);
      try {
        const answer = await watch.dispatcher.request({
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          headers: { ...request.headers },
          body: request.body ?? null,
          signal: anySignal(deadline, request.signal),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        const text = await readText(answer.body, maxAnswerBytes);
        const header = (name: string) => firstOf(answer.headers[name]);
        return { kind: 'reply', status: answer.statusCode, text, header };
      } catch (error) {
        const cause = { error, deadline, caller: request.signal, sent: watch.sent() };
        return failureOf(request.url, timeoutMs, cause);
      }
    },
    async close() {
      if (options.dispatcher === undefined) await dispatcher.close();
    },
  };
}

// undici reports the start of a request when its connection stands and it is about to be
// written: before that, nothing can have happened at the other end.
function watchSending(dispatcher: Dispatcher) {
  let sent = false;
  const watched = dispatcher.compose((dispatch) => (options, handler) => {
    const onRequestStart: Dispatcher.DispatchHandler['onRequestStart'] = (controller, context) => {
      handler.onRequestStart?.(controller, context);
      sent = !controller.aborted;
    };
    return dispatch(options, forward(handler, onRequestStart));
  });
  return { dispatcher: watched, sent: () => sent };
}

function forward(
  handler: Dispatcher.DispatchHandler,
  onRequestStart: NonNullable<Dispatcher.DispatchHandler['onRequestStart']>,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart,
    onResponseStart: (controller, status, headers, text) =>
      handler.onResponseStart?.(controller, status, headers, text),
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  };
}

class TooBigError extends Error {}

async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooBigError(`The answer is over ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Cause {
  readonly error: unknown;
  readonly deadline: AbortSignal;
  readonly caller: AbortSignal | undefined;
  readonly sent: boolean;
}

function failureOf({ host }: URL, timeoutMs: number, cause: Cause): HttpFailure {
  const { sent, error } = cause;
  const detail = maskText(detailOf(error));
  const failed = (code: HttpFailureCode, message: string): HttpFailure => ({
    kind: 'failure',
    code,
    message,
    sent,
  });
  if (error instanceof TooBigError) return failed('too_big', `${host}: ${detail}`);
  if (error instanceof AddressRefusedError) return failed('address_refused', error.message);
  if (cause.caller?.aborted === true) {
    return failed('aborted', `The call to ${host} was given up on our side.`);
  }
  if (!sent) return failed('unreachable', `${host} could not be reached: ${detail}.`);
  if (cause.deadline.aborted || TIMEOUTS.has(codeOf(error))) {
    return failed('timeout', `${host} did not answer within ${timeoutMs} ms.`);
  }
  return failed('connection_lost', `The connection to ${host} was lost: ${detail}.`);
}

const TIMEOUTS: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return codeOf(error) || error.message;
}

function anySignal(deadline: AbortSignal, caller: AbortSignal | undefined): AbortSignal {
  return caller === undefined ? deadline : AbortSignal.any([deadline, caller]);
}

function firstOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
