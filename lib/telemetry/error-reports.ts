import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import type { Stoppable } from '../core/lifecycle.ts';
import { maskText } from '../providers/mask.ts';

/** Where an error happened: names and ids of ours, nothing of a lead. */
export interface ErrorContext {
  readonly service: string;
  readonly message: string;
  readonly requestId?: string | undefined;
  readonly route?: string | undefined;
}

export interface ErrorReports extends Stoppable {
  /** Costs nothing now and never throws; sent in the background, without personal data. */
  report(error: unknown, context: ErrorContext): void;
}

export interface ErrorReportOptions {
  /** As Sentry gives it: `https://KEY@HOST/PROJECT`. */
  readonly dsn: string;
  readonly environment: string;
  readonly version: string;
}

/** The same error in a loop must not become a bill, nor fill the memory. */
const MOST_A_MINUTE = 60;
const MOST_UNDER_WAY = 20;
const SEND_TIMEOUT_MS = 5_000;

/**
 * Sends errors to Sentry, or whatever takes its envelopes. The protocol is one small POST; Sentry's
 * own package for Node brings 90 MB that this platform would not use.
 */
export function openErrorReports(options: ErrorReportOptions): ErrorReports {
  const { url, auth } = endpointOf(options.dsn);
  const underWay = new Set<Promise<unknown>>();
  let minute = 0;
  let sent = 0;
  const mayCount = (): boolean => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) [minute, sent] = [now, 0];
    sent += 1;
    return sent <= MOST_A_MINUTE && underWay.size < MOST_UNDER_WAY;
  };
  return {
    report(thrown, context) {
      if (!mayCount()) return;
      const sending = post(url, auth, envelopeOf(thrown, context, options));
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
    },
    async stop() {
      await Promise.all(underWay);
    },
  };
}

/** Whoever cannot be told of an error cannot be told of this one either: it never rejects. */
async function post(url: string, auth: string, body: string): Promise<void> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-sentry-envelope', 'x-sentry-auth': auth },
      body,
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
    await response.body?.cancel();
  } catch {
    // As above.
  }
}

function endpointOf(dsn: string): { url: string; auth: string } {
  const { protocol, host, username, pathname } = new URL(dsn);
  const parts = pathname.split('/').filter((part) => part !== '');
  const project = parts.pop() ?? '';
  const prefix = parts.map((part) => `/${part}`).join('');
  return {
    url: `${protocol}//${host}${prefix}/api/${project}/envelope/`,
    auth: `Sentry sentry_version=7, sentry_client=leadctl/1, sentry_key=${username}`,
  };
}

function envelopeOf(error: unknown, context: ErrorContext, options: ErrorReportOptions): string {
  const eventId = randomUUID().replaceAll('-', '');
  const event = {
    event_id: eventId,
    timestamp: Date.now() / 1000,
    platform: 'node',
    level: 'error',
    logger: context.service,
    release: `leadctl@${options.version}`,
    environment: options.environment,
    server_name: hostname(),
    transaction: context.route,
    message: { formatted: context.message },
    tags: { service: context.service, request_id: context.requestId },
    exception: { values: exceptionsOf(error) },
  };
  const header = { event_id: eventId, dsn: options.dsn, sent_at: new Date().toISOString() };
  return [header, { type: 'event' }, event].map((part) => JSON.stringify(part)).join('\n');
}

const DEEPEST_CAUSE = 5;

/** The innermost cause first, as Sentry wants it. */
function exceptionsOf(error: unknown, depth = 0): object[] {
  if (!(error instanceof Error)) return [{ type: 'Error', value: maskText(String(error)) }];
  const cause = error.cause !== undefined && depth < DEEPEST_CAUSE;
  return [
    ...(cause ? exceptionsOf(error.cause, depth + 1) : []),
    {
      type: error.name,
      // PostgreSQL quotes what it was given; what stands in quotes is somebody's.
      value: maskText(error.message).replaceAll(/"[^"]*"/g, '"…"'),
      stacktrace: { frames: framesOf(error.stack ?? '') },
    },
  ];
}

const FRAME = /^\s*at (?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/;

function framesOf(stack: string): object[] {
  return stack
    .split('\n')
    .flatMap((line) => {
      const [, name, file, row, column] = FRAME.exec(line) ?? [];
      if (file === undefined) return [];
      const isOurs = !file.includes('node_modules') && !file.startsWith('node:');
      return [
        {
          function: name ?? '?',
          filename: file,
          lineno: Number(row),
          colno: Number(column),
          in_app: isOurs,
        },
      ];
    })
    .toReversed();
}
