import type { UserRow } from '../../../lib/accounts/users.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { Unit } from '../../../lib/db/scope.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor } from '../../../lib/secrets/sealed.ts';
import type { CreateFailureCounter } from '../passwords/throttle.ts';
import { recoveryCode, type TotpCodes } from './codes.ts';
import * as store from './store.ts';

/** The second look at somebody whose password was right. Callers hold the user's lock. */
export interface TotpCheck {
  /**
   * Undefined when the code is right, which is then used up: of the app, or one for recovery.
   * `path` is the field that it came in.
   */
  refuse(
    unit: Unit,
    user: Pick<UserRow, 'id'>,
    given: { readonly code: string | undefined; readonly path: string },
  ): Promise<Failure | undefined>;
}

const WINDOW_S = 900;
/**
 * Of one account, from anywhere: whoever gets here has the password, and a code is one of a million.
 * The owner is shut out with the thief, for a quarter of an hour at most.
 */
const MOST_FAILURES = 10;

export function createTotpCheck(deps: {
  codes: TotpCodes;
  keyring: Keyring;
  createCounter: CreateFailureCounter;
}): TotpCheck {
  const failures = deps.createCounter('totp-account', WINDOW_S);

  const isRight = async (unit: Unit, userId: string, code: string): Promise<boolean> => {
    const secret = await store.findSecret(unit, userId);
    if (secret === undefined) return false;
    const opened = openFor(deps.keyring, bindingOf(userId), secret.sealed);
    if (!opened.ok) throw new Error(`an authenticator secret does not open: ${opened.reason}`);
    const step = await deps.codes.stepOf(
      opened.secret,
      code.replaceAll(/\s/g, ''),
      secret.lastStep,
    );
    if (step !== undefined) {
      await store.setLastStep(unit, userId, step);
      return true;
    }
    const recovery = recoveryCode(code);
    return recovery !== undefined && (await store.useRecoveryCode(unit, userId, recovery));
  };

  return {
    async refuse(unit, { id }, { code, path }) {
      if (code === undefined || code === '') return needed(path);
      const counted = await failures.get(id);
      if (counted && counted.consumedPoints >= MOST_FAILURES) return tooMany(counted.msBeforeNext);
      if (await isRight(unit, id, code)) {
        await failures.delete(id);
        return undefined;
      }
      await failures.penalty(id);
      return wrong(path);
    },
  };
}

/** The field of a secret that belongs to a user and to no client. */
export const bindingOf = (userId: string) => ({ clientId: userId, field: 'totp' });

function needed(path: string): Failure {
  return fail(
    'invalid_credentials',
    'The password is right; a code of your authenticator app, or one for recovery, is needed as well.',
    { errors: [{ path, message: 'is needed: the 6 digits that your authenticator app shows' }] },
  );
}

function wrong(path: string): Failure {
  return fail(
    'invalid_credentials',
    'The code is wrong, or was used already. Wait for the next one that your app shows.',
    { errors: [{ path, message: 'is wrong, or was used already' }] },
  );
}

function tooMany(waitMs: number): Failure {
  const waitSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return fail('rate_limited', `Too many wrong codes. Try again in ${waitSeconds} s.`, {
    retryAfterSeconds: waitSeconds,
    headers: {
      'RateLimit-Policy': `"totp";q=${MOST_FAILURES};w=${WINDOW_S}`,
      RateLimit: `"totp";r=0;t=${waitSeconds}`,
    },
  });
}
