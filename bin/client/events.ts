import { setTimeout as sleep } from 'node:timers/promises';
import { readProblem } from '../../lib/contract/client.ts';
import { ApiError } from '../cli/api-error.ts';
import { CliError } from '../cli/failure.ts';
import { createEventParser, type StreamEvent } from './event-parser.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly why: string; readonly retryInMs: number };

export interface EventStreamOptions {
  /** Asks for the stream, after `lastEventId` or from now on. Rejects when no answer comes. */
  readonly open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>;
  /** Ends the stream; the iterator then just finishes. */
  readonly signal: AbortSignal;
  readonly lastEventId?: string | undefined;
  readonly onState?: (state: ConnectionState) => void;
  /** For tests; the contract promises a byte at least every 15 s. */
  readonly silenceMs?: number;
  readonly firstRetryMs?: number;
}

const SILENCE_MS = 45_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/**
 * The events of a stream, across lost connections: each is resumed after the last whole event, so that none
 * is missed and none comes twice. Throws an `ApiError` when the gateway refuses, and whatever `open`
 * rejects with as long as no connection ever stood; after that it tries again until `signal` ends it.
 */
export async function* followEvents(
  options: EventStreamOptions,
): AsyncGenerator<StreamEvent, undefined> {
  const { signal, onState = () => undefined, firstRetryMs = FIRST_RETRY_MS } = options;
  const progress: Progress = { lastEventId: options.lastEventId, everLive: false, failures: 0 };
  while (!signal.aborted) {
    onState({ kind: 'connecting' });
    let lost: Lost;
    try {
      yield* readOnce(options, progress, onState);
      lost = { why: 'the gateway ended the stream' };
    } catch (error) {
      if (signal.aborted) break;
      lost = judge(error, progress.everLive);
    }
    const backOffMs = Math.min(firstRetryMs * 2 ** progress.failures, LONGEST_RETRY_MS);
    const retryInMs = lost.retryAfterMs ?? Math.round(backOffMs * (0.5 + Math.random() / 2));
    progress.failures += 1;
    onState({ kind: 'waiting', why: lost.why, retryInMs });
    await sleep(retryInMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

interface Progress {
  lastEventId: string | undefined;
  everLive: boolean;
  /** Since the last connection that brought something. */
  failures: number;
}

interface Lost {
  readonly why: string;
  readonly retryAfterMs?: number | undefined;
}

async function* readOnce(
  options: EventStreamOptions,
  progress: Progress,
  onState: (state: ConnectionState) => void,
): AsyncGenerator<StreamEvent, undefined> {
  const silence = watchSilence(options.silenceMs ?? SILENCE_MS);
  const signal = AbortSignal.any([options.signal, silence.signal]);
  try {
    const response = await options.open(progress.lastEventId, signal);
    if (!response.ok || response.body === null) throw await refusal(response);
    progress.everLive = true;
    onState({ kind: 'live' });
    const parser = createEventParser(progress.lastEventId);
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      silence.reset();
      for (const event of parser.push(decoder.decode(chunk, { stream: true }))) {
        progress.failures = 0;
        progress.lastEventId = event.id || undefined;
        yield event;
      }
      progress.lastEventId = parser.lastEventId || progress.lastEventId;
    }
    return undefined;
  } finally {
    silence.stop();
  }
}

/** A connection that died without a word is found out by its silence. */
function watchSilence(silenceMs: number): {
  readonly signal: AbortSignal;
  reset(): void;
  stop(): void;
} {
  const controller = new AbortController();
  const onSilence = (): void =>
    controller.abort(new Error(`nothing heard for ${Math.round(silenceMs / 1_000)} s`));
  const timer = setTimeout(onSilence, silenceMs);
  return {
    signal: controller.signal,
    reset: () => timer.refresh(),
    stop: () => {
      clearTimeout(timer);
      // A connection whose events nobody wants any more is not left open.
      controller.abort();
    },
  };
}

class Refused extends ApiError {
  readonly retryAfterMs: number | undefined;

  constructor(problem: ApiError['problem'], retryAfterMs: number | undefined) {
    super(problem);
    this.retryAfterMs = retryAfterMs;
  }
}

async function refusal(response: Response): Promise<Refused> {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) ? Math.min(seconds, 300) * 1_000 : undefined;
  return new Refused(readProblem(response, await response.text()), retryAfterMs);
}

/** Throws what waiting will not mend. */
function judge(error: unknown, everLive: boolean): Lost {
  if (error instanceof Refused) {
    const { status, title, detail } = error.problem;
    const passes = status === 429 || status >= 500;
    if (!passes || !everLive) throw error;
    return { why: detail || title, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof ApiError || error instanceof CliError || !everLive) throw error;
  return { why: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection was lost';
  return error.message === 'fetch failed' || error.message === 'terminated'
    ? 'the connection was lost'
    : error.message;
}
