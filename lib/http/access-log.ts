import type { Identity } from '../identity/identity.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Context } from './request.ts';

/** What monitors and balancers ask for all day long. */
const OPERATIONS = new Set(['/health', '/ready', '/metrics']);

/**
 * One line for each request, written by whoever answered it: the gateway passes most of them on, and
 * the daemon knows whose they are. No address, no path, no query: they can name a person.
 */
export function logAccess(log: Logger, ctx: Context, durationMs: number): void {
  const { routePath, requestId, traceparent, clientId } = ctx.state;
  const level = ctx.state.isPassedOn || OPERATIONS.has(routePath) ? 'debug' : 'info';
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      request_id: requestId,
      trace_id: traceparent.slice(3, 35),
      method: ctx.method,
      route: routePath,
      status: ctx.res.statusCode,
      duration_ms: Math.round(durationMs * 10) / 10,
      actor: actorKind(ctx.state.identity, ctx.state.usesApiKey),
      ...(clientId === undefined ? {} : { client: clientId }),
      // The answer was never finished: the caller went away.
      ...(ctx.res.writableFinished ? {} : { aborted: true }),
    },
    'request',
  );
}

function actorKind(identity: Identity | undefined, usesApiKey: boolean): string {
  if (usesApiKey) return 'api_key';
  if (identity === undefined) return 'unknown';
  if (identity.kind === 'token') return 'machine_token';
  if (identity.kind === 'user') return identity.isAdmin ? 'administrator' : 'member';
  return identity.kind;
}
