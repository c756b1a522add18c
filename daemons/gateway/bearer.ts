import jwt from 'koa-jwt';
import type { Principal, RoleGrants, TokenPrincipal } from '../../lib/access/decide.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import type { Context, Middleware } from '../../lib/http/request.ts';
import { readClaims, TOKEN_ALGORITHM, type TokenRing } from '../../lib/identity/tokens.ts';
import { isMachineToken, sha256Hex } from '../../lib/secrets/tokens.ts';

export interface AccessSource {
  /** Undefined for a user who does not exist; a Failure while nothing can be vouched for. */
  principal(userId: string): Promise<Principal | undefined | Failure>;
  /** The machine token of this SHA-256 in hex; undefined when it is revoked or none of ours. */
  token(hash: string): Promise<TokenPrincipal | undefined | Failure>;
  noteTokenUse(tokenId: string): void;
  hasClient(clientId: string): Promise<boolean | Failure>;
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
    getToken: (ctx) => bearerOf(ctx) ?? null,
    secret: async (header: { kid?: unknown; crit?: unknown }) => {
      if (header.crit !== undefined) throw new Error('the token demands what is not known here');
      const secret = ring.secretForKid(header.kid);
      if (secret === undefined) throw new Error('the token names no key of ours');
      return secret;
    },
  });
}

export const bearerOf = (ctx: Pick<Context, 'get'>): string | undefined =>
  /^Bearer ([\w.-]+)$/i.exec(ctx.get('authorization'))?.[1];

export interface Guard {
  readonly access: AccessSource;
  readonly clock: Clock;
}

/** Whose the bearer token is, and until when it says so, in epoch milliseconds. */
export type Bearer =
  | { readonly principal: Principal; readonly sessionId: string; readonly expiresAtMs: number }
  | { readonly principal: TokenPrincipal; readonly expiresAtMs: number };

/** A person by the session of their access token, or a machine token; a Failure for any that is dead. */
export async function bearerOfCall(ctx: Context, guard: Guard): Promise<Bearer | Failure> {
  const text = bearerOf(ctx);
  if (text !== undefined && isMachineToken(text)) return machineOf(guard, text);
  const claims = claimsOf(ctx);
  if (claims === undefined) return noToken(ctx);
  const [principal, owner] = await Promise.all([
    guard.access.principal(claims.user_id),
    guard.access.sessionOwner(claims.sid),
  ]);
  if (isFailure(principal)) return principal;
  if (isFailure(owner)) return owner;
  if (principal === undefined) return fail('unauthenticated', 'The user is gone; sign in again.');
  if (owner !== principal.userId) {
    return fail('unauthenticated', 'The session of this token has ended; sign in again.');
  }
  return { principal, sessionId: claims.sid, expiresAtMs: claims.exp * 1000 };
}

async function machineOf({ access, clock }: Guard, text: string): Promise<Bearer | Failure> {
  const principal = await access.token(sha256Hex(text));
  if (isFailure(principal)) return principal;
  if (principal === undefined) {
    return fail('unauthenticated', 'The machine token is revoked, or none of ours.');
  }
  const expiresAtMs = principal.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiresAtMs <= clock().getTime()) {
    return fail('token_expired', 'The machine token has expired; make another.');
  }
  // It is nothing beside its client: where that is closed, it is not even told who it is.
  const closed = principal.memberships.find(({ clientStatus }) => clientStatus !== 'active');
  return closed
    ? fail('client_suspended', `Client ${closed.clientId} is ${closed.clientStatus}.`)
    : { principal, expiresAtMs };
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
