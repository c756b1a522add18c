import { fail, isFailure, statusOf, type Failure } from '../core/errors.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from '../core/problem.ts';
import { isOutage, sqlState } from '../db/errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { nothingAt } from './paths.ts';
import { sendFailurePage } from './page.ts';
import type { Context, Middleware } from './request.ts';

export function sendFailure(ctx: Context, failure: Failure): void {
  if (ctx.state.showsPages) sendFailurePage(ctx, failure);
  else {
    ctx.status = statusOf(failure);
    ctx.body = JSON.stringify(toProblem(failure, ctx.state.requestId));
    ctx.set('Content-Type', PROBLEM_CONTENT_TYPE);
  }
  if (failure.extra.retryAfterSeconds !== undefined) {
    ctx.set('Retry-After', String(failure.extra.retryAfterSeconds));
  }
  for (const [name, value] of Object.entries(failure.extra.headers ?? {})) ctx.set(name, value);
}

/** Outermost: whatever happens inside, the caller gets a problem document and no internals. */
export function problems(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.respond !== false && ctx.body == null && ctx.status === 404) {
        sendFailure(ctx, nothingAt(ctx.path));
      }
    } catch (error) {
      if (isFailure(error)) {
        sendFailure(ctx, error);
        return;
      }
      log.error(
        { err: error, request_id: ctx.state.requestId, route: ctx.state.routePath },
        'request failed',
      );
      sendFailure(ctx, surprise(error));
    }
  };
}

/** A database that is away is an outage the caller may retry; the rest is our fault. */
function surprise(error: unknown): Failure {
  if (UNSTORABLE_TEXT.has(sqlState(error) ?? '')) {
    return fail('validation_failed', 'Text must not hold the NUL character (U+0000).');
  }
  if (isOutage(error)) {
    return fail(
      'upstream_unavailable',
      'The database did not answer, so what became of the request is not certain. Send it again; with an Idempotency-Key it cannot be stored twice.',
      { retryAfterSeconds: 2 },
    );
  }
  return fail(
    'internal_error',
    'The request failed for a reason that is not yours. Quote the request id when you report it.',
  );
}

/** PostgreSQL keeps every character but one, in text (22021) and in JSON (22P05). */
const UNSTORABLE_TEXT: ReadonlySet<string> = new Set(['22021', '22P05']);
