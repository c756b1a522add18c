import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';

const claimsSchema = z.strictObject({
  user_id: z.string(),
  email: z.string(),
  is_admin: z.boolean(),
  type: z.enum(['access', 'refresh']),
  /** Seconds since the epoch, as `exp`. */
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
  /** The session that the token belongs to, and ends with. */
  sid: z.string(),
});

/** The payload of our tokens, exactly. */
export type TokenClaims = z.infer<typeof claimsSchema>;
export type TokenType = TokenClaims['type'];

export type VerifiedToken =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly reason: 'expired' | 'invalid' };

export interface TokenRing {
  /** Signs with the ring's first secret. */
  issue(token: {
    type: TokenType;
    user: { id: string; email: string; isAdmin: boolean };
    jti: string;
    sid: string;
    lifetimeSeconds: number;
  }): string;
  /** `invalid` also for a token of the other type; `expired` only for one that was ours. */
  verify(token: string, type: TokenType): VerifiedToken;
  /** For verifiers that look the key up themselves; undefined for a `kid` that is not in the ring. */
  secretForKid(kid: unknown): string | undefined;
}

/** The only algorithm; `none` and everything else is refused. */
export const TOKEN_ALGORITHM = 'HS256';

/** HS256 tokens under a ring of secrets: the first signs, all of them verify, the header's `kid` says which. */
export function createTokenRing(deps: {
  secrets: readonly { kid: string; secret: string }[];
  clock: Clock;
}): TokenRing {
  const [signing] = deps.secrets;
  if (signing === undefined) throw new TypeError('a token ring needs at least one secret');
  const secrets = new Map(deps.secrets.map(({ kid, secret }) => [kid, secret]));
  const nowSeconds = () => Math.floor(deps.clock().getTime() / 1000);
  const secretForKid = (kid: unknown) => (typeof kid === 'string' ? secrets.get(kid) : undefined);

  return {
    secretForKid,

    issue({ type, user, jti, sid, lifetimeSeconds }) {
      const iat = nowSeconds();
      const claims: TokenClaims = {
        user_id: user.id,
        email: user.email,
        is_admin: user.isAdmin,
        type,
        iat,
        exp: iat + lifetimeSeconds,
        jti,
        sid,
      };
      return jwt.sign(claims, signing.secret, { algorithm: TOKEN_ALGORITHM, keyid: signing.kid });
    },

    verify(token, type) {
      try {
        const header = jwt.decode(token, { complete: true })?.header;
        const secret = secretForKid(header?.kid);
        // An extension that must be understood (RFC 7515, 4.1.11), and of which none is.
        if (secret === undefined || header?.crit !== undefined) return INVALID;
        const payload: unknown = jwt.verify(token, secret, {
          algorithms: [TOKEN_ALGORITHM],
          clockTimestamp: nowSeconds(),
        });
        const claims = readClaims(payload, type);
        return claims ? { ok: true, claims } : INVALID;
      } catch (error) {
        return error instanceof jwt.TokenExpiredError ? EXPIRED : INVALID;
      }
    },
  };
}

const INVALID = { ok: false, reason: 'invalid' } as const;
const EXPIRED = { ok: false, reason: 'expired' } as const;

/** The claims of a payload whose signature was verified; undefined when it is not of this type. */
export function readClaims(payload: unknown, type: TokenType): TokenClaims | undefined {
  const parsed = claimsSchema.safeParse(payload);
  return parsed.success && parsed.data.type === type ? parsed.data : undefined;
}
