import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { SERVICES, type ServiceName } from '../contract/route.ts';
import { anonymous, identitySchema, type Identity } from './identity.ts';
import { callerKey, type IdentityKeys } from './keys.ts';

/** The header in which the gateway vouches for the caller; daemons accept nothing else. */
export const IDENTITY_HEADER = 'x-leadctl-identity';

const LIFETIME_MS = 30_000;
/** A token is handed out again for this long, and believed for the rest of its life. */
const REUSE_MS = 10_000;
const MOST_KEPT = 5_000;

const sealedSchema = z.object({
  exp: z.number(),
  aud: z.enum(SERVICES),
  identity: identitySchema,
});

const callerSchema = z.enum(SERVICES);

/** What one service vouches with, and believes. */
export interface IdentitySeal {
  /** A token that `audience`, and no other service, believes for 30 seconds. */
  seal(identity: Identity, audience: ServiceName): string;
  /** The identity, or undefined when the token is forged, malformed, meant for another or too old. */
  open(token: string): Identity | undefined;
}

interface Opened {
  readonly identity: Identity;
  readonly expMs: number;
}

/**
 * Seals and opens identities with HMAC-SHA256, as `payload.signature`; a service's own adds
 * `.caller`. Busy callers send the same identity again and again: tokens are kept on both sides for
 * their short lives, so that signing and parsing happen once.
 */
export function createIdentitySeal(deps: { keys: IdentityKeys; clock: Clock }): IdentitySeal {
  const { keys } = deps;
  const sealed = new Map<string, { token: string; untilMs: number }>();
  const opened = new Map<string, Opened>();

  const openAnew = (token: string): Opened | undefined => {
    const [payload = '', signature = '', caller] = token.split('.');
    const key = caller === undefined ? keys.own : keyOfCaller(keys, caller);
    if (key === undefined || !isSigned(payload, signature, key)) return undefined;
    const content = sealedSchema.safeParse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    if (!content.success || content.data.aud !== keys.service) return undefined;
    const { identity, exp } = content.data;
    if (caller !== undefined && !isOf(caller, identity)) return undefined;
    return { identity, expMs: exp };
  };

  return {
    seal(identity, audience) {
      const nowMs = deps.clock().getTime();
      const known = identity === anonymous ? audience : `${audience} ${JSON.stringify(identity)}`;
      const kept = sealed.get(known);
      if (kept && kept.untilMs > nowMs) return kept.token;
      const content = JSON.stringify({ exp: nowMs + LIFETIME_MS, aud: audience, identity });
      const payload = Buffer.from(content).toString('base64url');
      const caller = keys.service === 'gateway' ? '' : `.${keys.service}`;
      const token = `${payload}.${sign(payload, keys.towards(audience))}${caller}`;
      keep(sealed, known, { token, untilMs: nowMs + REUSE_MS });
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

function sign(payload: string, key: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url');
}

function isSigned(payload: string, signature: string, key: string): boolean {
  const expected = Buffer.from(sign(payload, key));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function keyOfCaller(keys: IdentityKeys, caller: string): string | undefined {
  const known = callerSchema.safeParse(caller);
  return known.success ? callerKey(keys.own, known.data) : undefined;
}

/** A service speaks for itself and for nobody else. */
function isOf(caller: string, identity: Identity): boolean {
  return identity.kind === 'service' && identity.service === caller;
}

function keep<V>(kept: Map<string, V>, key: string, value: V): void {
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, value);
}
