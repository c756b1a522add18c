import { fail, type Failure } from '../core/errors.ts';
import type { StrengthEstimator } from './strength.ts';

/** Refuses a password that is easy to guess. */
export interface PasswordJudge {
  /** `path` is the field that holds the password, e.g. `body.password`; `email` is its owner's. */
  judge(given: {
    readonly password: string;
    readonly email: string;
    readonly path: string;
  }): Promise<Failure | undefined>;
}

/** Of 0 to 4: at least 10⁸ guesses, which neither the throttle nor a stolen hash lets anybody make soon. */
const LEAST_SCORE = 3;
/** Longer ones take seconds to judge, and one whose start is strong is strong. */
const JUDGED_CHARACTERS = 32;
const SHORTEST_PART = 3;

export function createPasswordJudge(estimator: Pick<StrengthEstimator, 'estimate'>): PasswordJudge {
  return {
    async judge({ password, email, path }) {
      const start = Array.from(password).slice(0, JUDGED_CHARACTERS).join('');
      const strength = await estimator.estimate(start, wordsOf(email));
      if (strength === undefined) return notJudged();
      const isOwnEmail = password.trim().toLowerCase() === email;
      if (strength.score >= LEAST_SCORE && !isOwnEmail) return undefined;
      const why = isOwnEmail ? 'It is the e-mail itself.' : strength.warning;
      const remedy = strength.suggestion || 'Add more words that are less common.';
      const message = ['is too easy to guess.', why, remedy]
        .filter((part) => part !== '')
        .join(' ');
      return fail('validation_failed', `The password ${message}`, { errors: [{ path, message }] });
    },
  };
}

/** What a guesser who knows the account tries first. */
function wordsOf(email: string): string[] {
  const [local = ''] = email.split('@');
  const parts = email.split(/[^\p{L}\p{N}]+/u).filter(({ length }) => length >= SHORTEST_PART);
  return [email, local, local.replaceAll(/[^\p{L}\p{N}]/gu, ''), ...parts, 'leadctl'];
}

function notJudged(): Failure {
  return fail(
    'upstream_unavailable',
    'The password could not be judged at this moment. Nothing was done; try again shortly.',
    { retryAfterSeconds: 2 },
  );
}
