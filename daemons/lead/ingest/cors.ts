import type { Pool } from 'pg';
import type { Clock } from '../../../lib/core/clock.ts';
import type { Middleware } from '../../../lib/http/request.ts';

const INGESTING = /^\/leads\/ingest(?:\/batch)?$/;
const READING = /^\/leads(?:\/[^/]+)?$/;
const EXPOSED = 'X-Request-Id, Idempotency-Replayed, Retry-After, RateLimit, RateLimit-Policy';
const FRESH_MS = 10_000;
/** An origin that is refused may have been added to a key a moment ago. */
const REFUSED_FRESH_MS = 1_000;
const MOST_ORIGINS = 1_000;

const IS_ALLOWED = {
  name: 'is-origin-allowed',
  text: `SELECT EXISTS (SELECT FROM client_api_keys
    WHERE allowed_origins @> to_jsonb($1::text) AND revoked_at IS NULL) AS allowed`,
};

/**
 * CORS for browser forms, and for scripts that read with a key. A preflight carries no key, so it
 * is answered when any live key allows the origin; the request itself is then held against its own.
 */
export function ingestCors(deps: { pool: Pool; clock: Clock }): Middleware {
  const known = new Map<string, { isAllowed: boolean; loadedAtMs: number }>();

  const isAllowed = async (origin: string): Promise<boolean> => {
    const nowMs = deps.clock().getTime();
    const entry = known.get(origin);
    const freshMs = entry?.isAllowed === false ? REFUSED_FRESH_MS : FRESH_MS;
    if (entry && nowMs - entry.loadedAtMs < freshMs) return entry.isAllowed;
    const { rows } = await deps.pool.query<{ allowed: boolean }>({
      ...IS_ALLOWED,
      values: [origin],
    });
    const found = { isAllowed: rows[0]?.allowed === true, loadedAtMs: nowMs };
    if (known.size >= MOST_ORIGINS) known.clear();
    known.set(origin, found);
    return found.isAllowed;
  };

  return async (ctx, next) => {
    const { origin } = ctx.req.headers;
    const method = methodAt(ctx.path);
    if (origin === undefined || method === undefined) {
      await next();
      return;
    }
    ctx.vary('Origin');
    const mayShare = await isAllowed(origin);
    if (mayShare) {
      ctx.set('Access-Control-Allow-Origin', origin);
      ctx.set('Access-Control-Expose-Headers', EXPOSED);
    }
    if (ctx.method !== 'OPTIONS') {
      await next();
      return;
    }
    ctx.status = 204;
    if (mayShare) {
      ctx.set('Access-Control-Allow-Methods', method);
      ctx.set(
        'Access-Control-Allow-Headers',
        'Content-Type, X-API-Key, Idempotency-Key, X-Request-Id, traceparent',
      );
      ctx.set('Access-Control-Max-Age', '600');
    }
  };
}

function methodAt(path: string): string | undefined {
  if (INGESTING.test(path)) return 'POST';
  return READING.test(path) ? 'GET' : undefined;
}
