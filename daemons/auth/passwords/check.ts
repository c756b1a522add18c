import type { PasswordHasher } from '../../../lib/accounts/hasher.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Slots } from './slots.ts';
import type { Guesser, LoginThrottle } from './throttle.ts';

export interface PasswordAttempt extends Guesser {
  readonly password: string;
  /** Null for a user who does not exist or has no password: the work is the same. */
  readonly stored: string | null;
  /** False for a user who may not log in even with the right password. */
  readonly mayPass: boolean;
}

/** Whether the password is right; a Failure when the caller must wait, whoever they are. */
export type PasswordCheck = (attempt: PasswordAttempt) => Promise<boolean | Failure>;

export function createPasswordCheck(deps: {
  slots: Slots;
  hasher: PasswordHasher;
  throttle: LoginThrottle;
}): PasswordCheck {
  const { slots, hasher, throttle } = deps;
  return async (attempt) => {
    // Before the queue, so that a refused guesser takes nobody's place in it.
    const refusal = await throttle.refuse(attempt);
    if (refusal) return refusal;
    return slots.run(async () => {
      // And after it: of many guesses sent at once, no more are made than of guesses one by one.
      const lateRefusal = await throttle.refuse(attempt);
      if (isFailure(lateRefusal)) return lateRefusal;
      const isRight = (await hasher.matches(attempt.password, attempt.stored)) && attempt.mayPass;
      await (isRight ? throttle.succeeded(attempt) : throttle.failed(attempt));
      return isRight;
    });
  };
}
