import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import type { Context, Middleware } from '../../lib/http/request.ts';
import type { Proxies } from './address.ts';
import type { AccessSource } from './bearer.ts';
import { authorise, guarded } from './guard.ts';
import type { GatewayLimits } from './limits.ts';

export interface OperatorDeps {
  readonly access: AccessSource;
  readonly clock: Clock;
  readonly limits: GatewayLimits;
  readonly proxies: Proxies;
  readonly verifyToken: Middleware;
  readonly settings: {
    readonly DOCS: 'private' | 'public';
    readonly EXPOSE_OPERATIONS: 'private' | 'public';
    readonly OPERATIONS_TOKEN?: string | undefined;
  };
}

/** Why the caller may not see this page; undefined when they may. */
export type RefuseStranger = (ctx: Context) => Promise<Failure | undefined>;

const DOCUMENTS: ReadonlySet<string> = new Set(['/openapi.json', '/docs', '/docs/']);

/** A permission that no role can hold, so that only administrators pass. */
const FOR_ADMINS = guarded({
  method: 'GET',
  path: '/metrics',
  access: 'grant',
  summary: 'Pages for operators',
  responses: {},
});

/**
 * Pages for whoever runs the platform are seen from its own machine, with the operators' token or an
 * administrator's; others are counted by their address, and see them where a setting says so.
 */
export function createOperatorCheck(deps: OperatorDeps): RefuseStranger {
  const { settings } = deps;
  return async (ctx) => {
    if (isLocal(ctx.req)) return undefined;
    const sent = ctx.get('authorization');
    const { OPERATIONS_TOKEN: token } = settings;
    if (token !== undefined && isSame(sent, `Bearer ${token}`)) return undefined;
    const admin = sent === '' ? undefined : await askForAdmin(deps, ctx);
    if (admin !== undefined && !isFailure(admin)) return undefined;
    const refusal = deps.limits.countCaller(ctx, 'gateway', deps.proxies.addressOf(ctx.req));
    if (refusal) return refusal;
    const setting = DOCUMENTS.has(ctx.path) ? settings.DOCS : settings.EXPOSE_OPERATIONS;
    return setting === 'public' ? undefined : (admin ?? forOperators());
  };
}

async function askForAdmin(deps: OperatorDeps, ctx: Context) {
  await deps.verifyToken(ctx, async () => undefined);
  return authorise(ctx, FOR_ADMINS, deps, undefined);
}

/** Headers with which a proxy says that it stands between; its callers may be anywhere. */
const FORWARDING = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

function isLocal(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress ?? '';
  const isLoopback = /^(?:::ffff:)?127\.|^::1$/.test(address);
  return isLoopback && FORWARDING.every((name) => request.headers[name] === undefined);
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function forOperators(): Failure {
  return fail(
    'unauthenticated',
    'This is for operators: send the operators’ token or an administrator’s access token as Authorization: Bearer ….',
  );
}
