import { Router } from '@koa/router';
import { isFailure, type Failure } from '../../lib/core/errors.ts';
import {
  internalPath,
  routerPath,
  type Contract,
  type Route,
  type ServiceName,
} from '../../lib/contract/route.ts';
import { anonymous, type Identity } from '../../lib/identity/identity.ts';
import { IDENTITY_HEADER, type IdentitySeal } from '../../lib/identity/seal.ts';
import { sendFailure } from '../../lib/http/problems.ts';
import type { Context, Middleware, RequestState } from '../../lib/http/request.ts';
import { addressOf } from './address.ts';
import { authorise, type AccessSource } from './guard.ts';
import type { GatewayLimits } from './limits.ts';
import type { Upstream } from './upstream.ts';

export interface GatewayRouteDeps {
  readonly contracts: readonly Contract[];
  readonly upstreams: ReadonlyMap<ServiceName, Upstream>;
  readonly access: AccessSource;
  readonly limits: GatewayLimits;
  readonly seal: IdentitySeal;
  readonly trustedProxies: number;
  readonly verifyToken: Middleware;
}

/**
 * Every public route of every daemon, and nothing else: what is in no contract is not forwarded.
 * The one place that decides who may pass.
 */
export function gatewayRoutes(deps: GatewayRouteDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const contract of deps.contracts) {
    const upstream = deps.upstreams.get(contract.service);
    if (upstream === undefined) continue;
    for (const route of Object.values(contract.routes)) {
      if (route.access === 'service') continue;
      const handle = async (ctx: Context) => {
        ctx.state.routePath = route.path;
        const failure = await pass(deps, ctx, contract.service, route, upstream);
        if (failure) sendFailure(ctx, failure);
      };
      const needsToken = route.access !== 'public' && route.access !== 'api_key';
      router.register(
        routerPath(route.path),
        methodsOf(route),
        needsToken ? [deps.verifyToken, handle] : handle,
      );
    }
  }
  return router;
}

/** Browser forms ask first (CORS preflight); only the daemon knows which origins its keys allow. */
function methodsOf(route: Route): string[] {
  return route.access === 'api_key' ? [route.method, 'OPTIONS'] : [route.method];
}

async function pass(
  deps: GatewayRouteDeps,
  ctx: Context,
  service: ServiceName,
  route: Route,
  upstream: Upstream,
): Promise<Failure | undefined> {
  const ip = addressOf(ctx.req, deps.trustedProxies);
  const identity = await identify(deps, ctx, route, ip);
  if (isFailure(identity)) return identity;
  const { headers } = ctx.req;
  headers[IDENTITY_HEADER] = deps.seal.seal(identity);
  headers['x-forwarded-for'] = ip;
  headers['x-request-id'] = ctx.state.requestId;
  headers['traceparent'] = ctx.state.traceparent;
  delete headers.authorization;
  if (route.access === 'api_key') blameWrongKeys(deps, ctx, ip);
  const failure = await upstream.forward(ctx.req, ctx.res, internalPath(service, ctx.url));
  if (failure && !ctx.res.headersSent) return failure;
  ctx.respond = false;
  return undefined;
}

async function identify(
  deps: GatewayRouteDeps,
  ctx: Context,
  route: Route,
  ip: string,
): Promise<Identity | Failure> {
  if (route.access === 'api_key') return (await deps.limits.checkAddress(ip)) ?? anonymous;
  if (route.access === 'public') {
    const refusal = route.throttle === 'none' ? undefined : await deps.limits.countAddress(ip);
    return refusal ?? anonymous;
  }
  const clientId = clientOf(ctx);
  const identity = await authorise(ctx, route, deps.access, clientId);
  if (isFailure(identity)) {
    // Guessing tokens costs an address what guessing keys does.
    if (identity.code === 'unauthenticated')
      return (await deps.limits.countAddress(ip)) ?? identity;
    return identity;
  }
  return (await deps.limits.countUser(identity.userId)) ?? identity;
}

function clientOf(ctx: Context): string | undefined {
  const params: unknown = Reflect.get(ctx, 'params');
  const clientId: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, 'client_id') : undefined;
  return typeof clientId === 'string' ? clientId : undefined;
}

/** Valid keys have limits of their own; an address is counted only for the keys it gets wrong. */
function blameWrongKeys(deps: GatewayRouteDeps, ctx: Context, ip: string): void {
  ctx.res.once('finish', () => {
    if (ctx.res.statusCode === 401) void deps.limits.countAddress(ip);
  });
}
