import { withTimeout } from '../core/timeout.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Failure } from '../core/errors.ts';
import { sendFailure } from './problems.ts';
import type { Context, Middleware } from './request.ts';

/**
 * Resolves when the thing works, perhaps with what is worth telling of it; its rejection's message
 * tells the operator what does not.
 */
export type ReadinessCheck = () => Promise<ReadinessFacts | void>;
type ReadinessFacts = Readonly<Record<string, string>>;

export interface OperationsOptions {
  readonly service: string;
  readonly version: string;
  readonly metrics: Metrics;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly openApi: () => unknown;
  /**
   * Why the caller may not see what is for operators; they learn from `/ready` only whether it is.
   * Daemons leave it out: they are reached by nobody else.
   */
  readonly refuseStranger?: (ctx: Context) => Promise<Failure | undefined>;
}

const CHECK_TIMEOUT_MS = 2_000;

type Page = (ctx: Context, refusal: Failure | undefined) => Promise<void> | void;

/** `/health`, `/ready`, `/metrics` and `/openapi.json`, the same on every daemon, for whoever runs it. */
export function operations(options: OperationsOptions): Middleware {
  let checking: ReturnType<typeof runChecks> | undefined;
  const pages: Readonly<Record<string, Page>> = {
    '/health': (ctx) => {
      ctx.body = {
        status: 'ok',
        service: options.service,
        version: options.version,
        uptime_s: Math.round(process.uptime()),
      };
    },
    '/ready': async (ctx, refusal) => {
      if (refusal?.code === 'rate_limited') {
        sendFailure(ctx, refusal);
        return;
      }
      // However many ask at once, it is looked at once.
      const checks = await (checking ??= runChecks(options.checks).finally(() => {
        checking = undefined;
      }));
      const isReady = Object.values(checks).every((check) => check.status === 'ok');
      ctx.status = isReady ? 200 : 503;
      const status = isReady ? 'ok' : 'unavailable';
      const { service, version } = options;
      ctx.body = refusal === undefined ? { status, service, version, checks } : { status };
    },
    '/metrics': async (ctx, refusal) => {
      if (refusal !== undefined) {
        sendFailure(ctx, refusal);
        return;
      }
      ctx.body = await options.metrics.collect();
      ctx.set('Content-Type', options.metrics.registry.contentType);
    },
    '/openapi.json': (ctx, refusal) => {
      if (refusal !== undefined) sendFailure(ctx, refusal);
      else ctx.body = options.openApi();
    },
  };
  const answer = async (ctx: Context, page: Page): Promise<void> => {
    ctx.state.routePath = ctx.path;
    const isForAll = ctx.path === '/health';
    await page(ctx, isForAll ? undefined : await options.refuseStranger?.(ctx));
  };
  return (ctx, next) => {
    const page = ctx.method === 'GET' || ctx.method === 'HEAD' ? pages[ctx.path] : undefined;
    return page === undefined ? next() : answer(ctx, page);
  };
}

type CheckResult =
  | { readonly status: 'ok'; readonly [fact: string]: string }
  | { readonly status: 'failed'; readonly detail: string };

async function runChecks(
  checks: Readonly<Record<string, ReadinessCheck>>,
): Promise<Record<string, CheckResult>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, CheckResult]> => {
      try {
        const facts = await withTimeout(check(), CHECK_TIMEOUT_MS, name);
        return [name, { ...facts, status: 'ok' }];
      } catch (error) {
        return [
          name,
          { status: 'failed', detail: error instanceof Error ? error.message : 'failed' },
        ];
      }
    }),
  );
  return Object.fromEntries(results);
}
