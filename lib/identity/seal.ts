import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { identitySchema, type Identity } from './identity.ts';

/** The header in which the gateway vouches for the caller; daemons accept nothing else. */
export const IDENTITY_HEADER = 'x-leadctl-identity';

const LIFETIME_MS = 30_000;

const sealedSchema = z.object({ exp: z.number(), identity: identitySchema });

export interface IdentitySeal {
  /** A token that daemons believe for 30 seconds. */
  seal(identity: Identity): string;
  /** The identity, or undefined when the token is forged, malformed or too old. */
  open(token: string): Identity | undefined;
}

export function createIdentitySeal(deps: { secret: string; clock: Clock }): IdentitySeal {
  const sign = (payload: string) =>
    createHmac('sha256', deps.secret).update(payload).digest('base64url');
  return {
    seal(identity) {
      const content = { exp: deps.clock().getTime() + LIFETIME_MS, identity };
      const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
      return `${payload}.${sign(payload)}`;
    },
    open(token) {
      const [payload = '', signature = ''] = token.split('.');
      const expected = Buffer.from(sign(payload));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const sealed = sealedSchema.safeParse(
        JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
      );
      if (!sealed.success || sealed.data.exp < deps.clock().getTime()) return undefined;
      return sealed.data.identity;
    },
  };
}
