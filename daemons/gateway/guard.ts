import jwt from 'koa-jwt';
import { decide, type Principal, type RoleGrants } from '../../lib/access/decide.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import type { Route } from '../../lib/contract/route.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import { readClaims, TOKEN_ALGORITHM, type TokenRing } from '../../lib/identity/tokens.ts';
import { refuseWithoutTotp } from './second-factor.ts';
import type { Context, Middleware } from '../../lib/http/request.ts';

export interface AccessSource {
  /** Undefined for a user who does not exist; a Failure while nothing can be vouched for. */
  principal(userId: string): Promise<Principal | undefined | Failure>;
  roles(): Promise<((roleId: string) => RoleGrants | undefined) | Failure>;
  /** The user whose session this is; undefined when it has ended, or was none. */
  sessionOwner(sessionId: string): Promise<string | undefined | Failure>;
  /** REQUIRE_ADMIN_TOTP. */
  readonly requiresAdminTotp?: boolean;
}

/** Verifies the bearer token: HS256 only, by the key its `kid` names; leaves the claims in the state. */
export function verifyToken(ring: Pick<TokenRing, 'secretForKid'>): Middleware {
  return jwt({
    algorithms: [TOKEN_ALGORITHM],
    key: 'claims',
    passthrough: true,
    getToken: (ctx) => /^Bearer ([\w.-]+)$/i.exec(ctx.get('authorization'))?.[1] ?? null,
    secret: async (header: { kid?: unknown }) => {
      const secret = ring.secretForKid(header.kid);
      if (secret === undefined) throw new Error('the token names no key of ours');
      return secret;
    },
  });
}

/** Who the verified token speaks for, and whether they may take this route. */
export async function authorise(
  ctx: Context,
  route: Route,
  access: AccessSource,
  clientId: string | undefined,
): Promise<UserIdentity | Failure> {
  if (route.access !== 'user' && route.access !== 'grant' && route.access !== 'admin') {
    return fail('not_found', `There is nothing at ${ctx.path}.`);
  }
  const claims = claimsOf(ctx);
  if (claims === undefined) return noToken(ctx);
  const [principal, owner] = await Promise.all([
    access.principal(claims.user_id),
    access.sessionOwner(claims.sid),
  ]);
  if (isFailure(principal)) return principal;
  if (isFailure(owner)) return owner;
  if (principal === undefined) return fail('unauthenticated', 'The user is gone; sign in again.');
  if (owner !== principal.userId) {
    return fail('unauthenticated', 'The session of this token has ended; sign in again.');
  }
  const roles = await access.roles();
  if (isFailure(roles)) return roles;
  const decision = decide(principal, roles, {
    access: route.access,
    method: route.method,
    path: route.path,
    clientId,
  });
  if (!decision.allowed) return fail(decision.code, decision.reason);
  const refusal = access.requiresAdminTotp ? refuseWithoutTotp(principal, route) : undefined;
  if (refusal) return refusal;
  return {
    ...toIdentity(principal, decision.membership, roles),
    sessionId: claims.sid,
  };
}

/** When the verified token expires, in epoch milliseconds. */
export function expiryOf(ctx: Context): number {
  return (claimsOf(ctx)?.exp ?? 0) * 1000;
}

const claimsOf = (ctx: Context) => readClaims(Reflect.get(ctx.state, 'claims'), 'access');

function noToken(ctx: Context): Failure {
  const error: unknown = Reflect.get(ctx.state, 'jwtOriginalError');
  if (error instanceof Error && error.name === 'TokenExpiredError') {
    return fail('token_expired', 'The access token has expired; refresh it.');
  }
  return fail(
    'unauthenticated',
    ctx.get('authorization') === ''
      ? 'Send an access token: Authorization: Bearer …'
      : 'The access token is not valid; sign in again.',
  );
}

function toIdentity(
  principal: Principal,
  membership: Principal['memberships'][number] | null,
  roleOf: (roleId: string) => RoleGrants | undefined,
): UserIdentity {
  const role = membership && roleOf(membership.roleId);
  return {
    kind: 'user',
    userId: principal.userId,
    isAdmin: principal.isAdmin,
    membership:
      membership && role
        ? {
            id: membership.id,
            clientId: membership.clientId,
            roleId: membership.roleId,
            roleLevel: role.level,
          }
        : null,
  };
}
