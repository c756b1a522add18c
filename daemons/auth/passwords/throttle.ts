import { fail, type Failure } from '../../../lib/core/errors.ts';
import { networkOf } from '../../../lib/http/network.ts';
import type { StrictCounter } from '../../../lib/limits/strict.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';

export interface Guesser {
  readonly email: string;
  readonly ip: string;
}

/** Slows whoever guesses passwords; only failures count, and only for a quarter of an hour. */
export interface LoginThrottle {
  /** Undefined when an attempt may be made. */
  refuse(guesser: Guesser): Promise<Failure | undefined>;
  failed(guesser: Guesser): Promise<void>;
  succeeded(guesser: Guesser): Promise<void>;
}

export type CreateFailureCounter = (name: string, windowSeconds: number) => StrictCounter;

const WINDOW_S = 900;
/** Failures of one address on one account. */
const PER_PAIR = 10;
/** Failures of one address on whichever accounts; an office behind one address has many people. */
const PER_ADDRESS = 100;
/** Failures on one account from anywhere, past which each address gets fewer. */
const PER_ACCOUNT = 50;
const PER_PAIR_UNDER_ATTACK = 2;

/**
 * No number of failures from elsewhere shuts an address out: under a distributed attack each address
 * still has its two attempts, so that a stranger cannot lock the account's owner out.
 */
export function createLoginThrottle(deps: { createCounter: CreateFailureCounter }): LoginThrottle {
  const pairs = deps.createCounter('login-pair', WINDOW_S);
  const addresses = deps.createCounter('login-address', WINDOW_S);
  const accounts = deps.createCounter('login-account', WINDOW_S);

  return {
    async refuse(guesser) {
      const keys = keysOf(guesser);
      const [pair, address, account] = await Promise.all([
        pairs.get(keys.pair),
        addresses.get(keys.address),
        accounts.get(keys.account),
      ]);
      const isUnderAttack = (account?.consumedPoints ?? 0) >= PER_ACCOUNT;
      const perPair = isUnderAttack ? PER_PAIR_UNDER_ATTACK : PER_PAIR;
      if (pair && pair.consumedPoints >= perPair) return tooMany(perPair, pair.msBeforeNext);
      if (address && address.consumedPoints >= PER_ADDRESS) {
        return tooMany(PER_ADDRESS, address.msBeforeNext);
      }
      return undefined;
    },

    async failed(guesser) {
      const keys = keysOf(guesser);
      await Promise.all([
        pairs.penalty(keys.pair),
        addresses.penalty(keys.address),
        accounts.penalty(keys.account),
      ]);
    },

    async succeeded(guesser) {
      await pairs.delete(keysOf(guesser).pair);
    },
  };
}

function keysOf({ email, ip }: Guesser): { pair: string; address: string; account: string } {
  // Short whatever was sent, and no e-mail in a shared store.
  const address = networkOf(ip).slice(0, 64);
  const account = sha256Hex(email).slice(0, 32);
  return { pair: `${account}@${address}`, address, account };
}

function tooMany(failures: number, waitMs: number): Failure {
  const waitSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return fail(
    'rate_limited',
    `Too many wrong passwords from this address. Try again in ${waitSeconds} s.`,
    {
      retryAfterSeconds: waitSeconds,
      headers: {
        'RateLimit-Policy': `"login";q=${failures};w=${WINDOW_S}`,
        RateLimit: `"login";r=0;t=${waitSeconds}`,
      },
    },
  );
}
