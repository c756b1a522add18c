import { signedHeaders } from '../../lib/providers/webhook/signature.ts';

export interface ForwardRequest {
  readonly url: string;
  readonly secret: string;
  /** The same for every repetition, so that a receiver can tell one. */
  readonly id: string;
  readonly body: unknown;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export interface Forwarded {
  /** Null where nothing answered. */
  readonly status: number | null;
  readonly why: string | null;
  readonly took_ms: number;
}

const TIMEOUT_MS = 10_000;
/** Posts one event as a web hook is posted: Standard Webhooks' headers over the very bytes of the body. */
export async function forwardEvent(request: ForwardRequest): Promise<Forwarded> {
  const { url, id, now, signal } = request;
  const body = JSON.stringify(request.body);
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...signedHeaders({ id, at: now(), body, secrets: [request.secret] }),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return { status: response.status, why: null, took_ms: took() };
  } catch (error) {
    if (signal.aborted) throw error;
    return { status: null, why: reasonOf(error), took_ms: took() };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? error.message;
}
