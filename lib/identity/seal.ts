import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { identitySchema, type Identity } from './identity.ts';

/** The header in which the gateway vouches for the caller; daemons accept nothing else. */
export const IDENTITY_HEADER = 'x-leadctl-identity';

const LIFETIME_MS = 30_000;
/** A token is handed out again for this long, and believed for the rest of its life. */
const REUSE_MS = 10_000;
const MOST_KEPT = 5_000;

const sealedSchema = z.object({ exp: z.number(), identity: identitySchema });

export interface IdentitySeal {
  /** A token that daemons believe for 30 seconds. */
  seal(identity: Identity): string;
  /** The identity, or undefined when the token is forged, malformed or too old. */
  open(token: string): Identity | undefined;
}

interface Opened {
  readonly identity: Identity;
  readonly expMs: number;
}

/**
 * Seals and opens identities with HMAC-SHA256. Busy callers send the same identity again and again:
 * tokens are kept on both sides for their short lives, so that signing and parsing happen once.
 */
export function createIdentitySeal(deps: { secret: string; clock: Clock }): IdentitySeal {
  const sealed = new Map<string, { token: string; untilMs: number }>();
  const opened = new Map<string, Opened>();
  const sign = (payload: string) =>
    createHmac('sha256', deps.secret).update(payload).digest('base64url');

  const openAnew = (token: string): Opened | undefined => {
    const [payload = '', signature = ''] = token.split('.');
    const expected = Buffer.from(sign(payload));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const content = sealedSchema.safeParse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    return content.success
      ? { identity: content.data.identity, expMs: content.data.exp }
      : undefined;
  };

  return {
    seal(identity) {
      const nowMs = deps.clock().getTime();
      const key = JSON.stringify(identity);
      const kept = sealed.get(key);
      if (kept && kept.untilMs > nowMs) return kept.token;
      const content = JSON.stringify({ exp: nowMs + LIFETIME_MS, identity });
      const payload = Buffer.from(content).toString('base64url');
      const token = `${payload}.${sign(payload)}`;
      keep(sealed, key, { token, untilMs: nowMs + REUSE_MS });
      return token;
    },
    open(token) {
      const kept = opened.get(token);
      const found = kept ?? openAnew(token);
      if (found === undefined || found.expMs < deps.clock().getTime()) {
        opened.delete(token);
        return undefined;
      }
      if (!kept) keep(opened, token, found);
      return found.identity;
    },
  };
}

function keep<V>(kept: Map<string, V>, key: string, value: V): void {
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, value);
}
