/** One request, as its outcome needs it. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly apiKey?: string;
  /** What becomes JSON, or the text itself. */
  readonly body?: object | string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 10_000;

function send(
  base: string,
  { method, path, token, apiKey, body, headers }: Ask,
): Promise<Response> {
  return fetch(base + path, {
    method: method ?? 'GET',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/**
 * A server may close a kept connection at the moment that a request is written to it; a client sends a
 * GET again then, on another connection (RFC 9112, 9.3.1).
 */
async function sendAgainIfClosed(base: string, question: Ask, triesLeft = 2): Promise<Response> {
  try {
    return await send(base, question);
  } catch (error) {
    const isClosed =
      error instanceof Error && Reflect.get(error.cause ?? {}, 'code') === 'UND_ERR_SOCKET';
    if (!isClosed || triesLeft === 0 || (question.method ?? 'GET') !== 'GET') throw error;
    // The next one may be of those that were closed at the same moment.
    return sendAgainIfClosed(base, question, triesLeft - 1);
  }
}

export interface Answer {
  /** `passes`, or the status and code of the refusal. */
  readonly outcome: string;
  readonly status: number;
  /** Empty for a live stream, which has no end. */
  readonly text: string;
}

export async function ask(base: string, question: Ask): Promise<Answer> {
  const response = await sendAgainIfClosed(base, question);
  const { status } = response;
  if (response.headers.get('content-type') === 'text/event-stream') {
    await response.body?.cancel();
    return { status, outcome: 'passes', text: '' };
  }
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  const outcome = response.ok ? 'passes' : `${status} ${code ?? text.slice(0, 200)}`;
  return { status, outcome, text };
}
