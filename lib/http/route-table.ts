import { Router } from '@koa/router';
import { routerPath } from '../contract/route.ts';
import type { Context, Middleware, RequestState } from './request.ts';

export interface TableRoute {
  /** Its template as this server serves it, e.g. `/clients/{client_id}/leads`. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly handle: (ctx: Context, params: PathParams) => Promise<void>;
}

/** What stands in the places of the path, decoded. */
export type PathParams = Readonly<Record<string, string>>;
const NO_PARAMS: PathParams = {};

/**
 * Finds a request's route and handles it; others go on. A router tries every template it has: here a
 * path without places is looked up, and the others are tried only against templates of as many
 * segments. Whatever is unusual (HEAD, a last slash, another case) is left to the router.
 */
export function routeTable(
  routes: readonly TableRoute[],
  options: { sensitive: boolean },
): Middleware {
  const literal = new Map<string, TableRoute['handle']>();
  const bySegments = new Map<number, Middleware>();
  for (const { path, methods, handle } of routes) {
    if (path.includes('{')) continue;
    for (const method of methods) literal.set(`${method} ${path}`, handle);
  }
  for (const [segments, group] of Map.groupBy(routes, ({ path }) => segmentsOf(path))) {
    bySegments.set(segments, routerOf(group, options));
  }
  return (ctx, next) => {
    const { path } = ctx;
    const handle = literal.get(`${ctx.method} ${path}`);
    if (handle !== undefined) return handle(ctx, NO_PARAMS);
    const router = bySegments.get(segmentsOf(path));
    return router === undefined ? next() : router(ctx, next);
  };
}

/** Typed by what the router adds; it takes any context. */
function routerOf(routes: readonly TableRoute[], options: { sensitive: boolean }): Middleware {
  const router = new Router<RequestState>(options);
  for (const { path, methods, handle } of routes) {
    const handleMatch: Middleware = (ctx) => handle(ctx, paramsOf(ctx));
    router.register(routerPath(path), [...methods], handleMatch, options);
  }
  const dispatch = router.routes();
  return (ctx, next) => dispatch(Object.assign(ctx, { params: {}, router }), next);
}

/** `/a/b` and `/a/b/` have two. */
function segmentsOf(path: string): number {
  let slashes = 0;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) slashes += 1;
  return path.length > 1 && path.endsWith('/') ? slashes - 1 : slashes;
}

function paramsOf(ctx: Context): PathParams {
  const params: unknown = Reflect.get(ctx, 'params');
  if (typeof params !== 'object' || params === null) return {};
  return Object.fromEntries(Object.entries(params).map(([name, part]) => [name, String(part)]));
}
