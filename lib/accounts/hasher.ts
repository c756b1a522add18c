import bcrypt from 'bcrypt';
import { canBeHashed } from '../identity/password.ts';

/** The part of `bcrypt` that costs time. */
export interface Bcrypt {
  hash(password: string, rounds: number): Promise<string>;
  compare(password: string, hash: string): Promise<boolean>;
}

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** One comparison's work whatever `stored` is; false when there is none, or the password could never have been set. */
  matches(password: string, stored: string | null): Promise<boolean>;
  /** Was it hashed at another cost than today's? */
  isOutdated(stored: string): boolean;
}

export function createPasswordHasher(options: { rounds: number; bcrypt?: Bcrypt }): PasswordHasher {
  const { rounds } = options;
  const work: Bcrypt = options.bcrypt ?? {
    hash: (password, cost) => bcrypt.hash(password, cost),
    compare: (password, hash) => bcrypt.compare(password, hash),
  };
  // A real salt and an empty digest: it takes as long as any other of this cost, and matches nothing.
  const nobodys = bcrypt.genSaltSync(rounds) + '.'.repeat(31);
  return {
    hash: (password) => work.hash(password, rounds),
    async matches(password, stored) {
      const isPossible = canBeHashed(password);
      const isEqual = await work.compare(isPossible ? password : '', stored ?? nobodys);
      return isEqual && isPossible && stored !== null;
    },
    isOutdated: (stored) => bcrypt.getRounds(stored) !== rounds,
  };
}
