import { fillPath } from '../../lib/contract/client.ts';
import {
  internalPath,
  type Contract,
  type Route,
  type ServiceName,
} from '../../lib/contract/route.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../lib/core/errors.ts';
import type { ServedRoute } from '../../lib/http/allowed-methods.ts';
import { bodyTooLarge } from '../../lib/http/body.ts';
import { nothingAt } from '../../lib/http/paths.ts';
import { wantsPage } from '../../lib/http/page.ts';
import { sendFailure } from '../../lib/http/problems.ts';
import type { Context, Middleware } from '../../lib/http/request.ts';
import { routeTable, type PathParams, type TableRoute } from '../../lib/http/route-table.ts';
import { anonymous, callerId, type Identity } from '../../lib/identity/identity.ts';
import type { IdentitySeal } from '../../lib/identity/seal.ts';
import type { Proxies } from './address.ts';
import { showToScripts } from './cors.ts';
import type { AccessSource } from './bearer.ts';
import { authorise, guarded, type Authorised, type GuardedRoute } from './guard.ts';
import { rewriteHeaders } from './headers.ts';
import type { GatewayLimits } from './limits.ts';
import type { LiveAnswers } from './live.ts';
import type { OnRequestRefused } from './refused-requests.ts';
import type { Upstream } from './upstream.ts';

export interface GatewayRouteDeps {
  readonly contracts: readonly Contract[];
  readonly upstreams: ReadonlyMap<ServiceName, Upstream>;
  readonly access: AccessSource;
  readonly limits: GatewayLimits;
  readonly live: LiveAnswers;
  readonly seal: IdentitySeal;
  readonly proxies: Proxies;
  readonly clock: Clock;
  readonly verifyToken: Middleware;
  /** Told of what the gateway itself refuses. */
  readonly onRefused: OnRequestRefused;
  /** For routes that do not set their own. */
  readonly maxBodyBytes: number;
}

interface Destination extends GuardedRoute {
  readonly service: ServiceName;
  readonly upstream: Upstream;
  readonly isStream: boolean;
}

/**
 * Every public route of every daemon, and nothing else: what is in no contract is not forwarded.
 * The one place that decides who may pass.
 */
export function gatewayRoutes(deps: GatewayRouteDeps): Middleware {
  const table: TableRoute[] = [];
  for (const { service, routes } of deps.contracts) {
    const upstream = deps.upstreams.get(service);
    if (upstream === undefined) continue;
    for (const route of Object.values(routes)) {
      if (route.access === 'service') continue;
      const isStream = Object.values(route.responses).some(({ kind }) => kind === 'events');
      const destination = { ...guarded(route), service, upstream, isStream };
      const handle = async (ctx: Context, params: PathParams) => {
        ctx.state.routePath = route.path;
        ctx.state.showsPages = route.page !== undefined && wantsPage(ctx.req.headers);
        const failure = await pass(deps, ctx, params, destination);
        if (failure === undefined) return;
        const ip = deps.proxies.addressOf(ctx.req);
        deps.onRefused({ failure, route, ip, request: ctx });
        if (route.access === 'api_key') showToScripts(ctx);
        sendFailure(ctx, failure);
      };
      const needsToken = route.access !== 'public' && route.access !== 'api_key';
      table.push({
        path: route.path,
        methods: methodsOf(route),
        handle: needsToken
          ? (ctx, params) => deps.verifyToken(ctx, () => handle(ctx, params))
          : handle,
      });
    }
  }
  return routeTable(table, { sensitive: true });
}

/** What `gatewayRoutes` serves, for `Allow`. */
export function servedRoutes(contracts: readonly Contract[]): ServedRoute[] {
  return contracts.flatMap(({ routes }) =>
    Object.values(routes)
      .filter(({ access }) => access !== 'service')
      .map((route) => ({ path: route.path, methods: methodsOf(route), params: route.params })),
  );
}

/** Browser forms ask first (CORS preflight); only the daemon knows which origins its keys allow. */
function methodsOf(route: Route): string[] {
  return route.access === 'api_key' ? [route.method, 'OPTIONS'] : [route.method];
}

async function pass(
  deps: GatewayRouteDeps,
  ctx: Context,
  params: PathParams,
  destination: Destination,
): Promise<Failure | undefined> {
  const { service, route, upstream, isStream } = destination;
  const ip = deps.proxies.addressOf(ctx.req);
  ctx.state.clientId = params['client_id'];
  ctx.state.usesApiKey = route.access === 'api_key';
  const caller = await identify(deps, ctx, destination, { ip, clientId: params['client_id'] });
  if (isFailure(caller)) return caller;
  ctx.state.identity = caller.identity;
  if (route.params && !route.params.safeParse(params).success) {
    return nothingAt(ctx.path);
  }
  const maxBodyBytes = route.body ? (route.maxBodyBytes ?? deps.maxBodyBytes) : 0;
  const oversize = route.body && refuseSize(ctx, maxBodyBytes);
  if (oversize) return oversize;
  rewriteHeaders(ctx, { ip, seal: deps.seal.seal(caller.identity, service) });
  // Written anew from what was decided on: gateway and daemon cannot read one spelling in two ways.
  const path = internalPath(service, fillPath(route.path, params)) + ctx.search;
  if (isStream && 'expiresAtMs' in caller) {
    deps.live.watch({
      ...caller,
      response: ctx.res,
      decideAgain: () => authorise(ctx, destination, deps, params['client_id']),
    });
  }
  return upstream.forward(ctx, { path, maxBodyBytes, isStream });
}

async function identify(
  deps: GatewayRouteDeps,
  ctx: Context,
  destination: Destination,
  { ip, clientId }: { ip: string; clientId: string | undefined },
): Promise<{ readonly identity: Identity } | Authorised | Failure> {
  const { service, route } = destination;
  const nobody = { identity: anonymous };
  // Keys have limits of their own, and so have addresses that try others: where keys are known.
  if (route.access === 'api_key') return nobody;
  if (route.access === 'public') {
    const isFree = route.throttle === 'none';
    return (isFree ? undefined : deps.limits.countCaller(ctx, service, ip)) ?? nobody;
  }
  const caller = await authorise(ctx, destination, deps, clientId);
  if (isFailure(caller)) {
    // Guessing tokens costs an address what guessing keys does.
    const isGuess = caller.code === 'unauthenticated';
    return (isGuess ? deps.limits.countWrongToken(ctx, ip) : undefined) ?? caller;
  }
  return deps.limits.countUser(ctx, callerId(caller.identity)) ?? caller;
}

/** What says of itself that it is too large is not carried any further. */
function refuseSize(ctx: Context, maxBytes: number): Failure | undefined {
  if (!(Number(ctx.req.headers['content-length']) > maxBytes)) return undefined;
  ctx.req.resume();
  return bodyTooLarge(maxBytes);
}
