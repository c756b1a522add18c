import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { fail, type Failure } from '../core/errors.ts';

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
/** Readings of `p4$$w0rd`; each more doubles the time that a made-up password can cost. */
const READINGS = 8;
const SHORTEST_PART = 3;

/** The dictionaries are loaded with the first password that is judged, not before. */
export function createPasswordJudge(): PasswordJudge {
  let loaded: Promise<ZxcvbnFactory> | undefined;
  return {
    async judge({ password, email, path }) {
      loaded ??= load();
      const estimator = await loaded;
      const start = Array.from(password).slice(0, JUDGED_CHARACTERS).join('');
      const { score, feedback } = estimator.check(start, wordsOf(email));
      const isOwnEmail = password.trim().toLowerCase() === email;
      if (score >= LEAST_SCORE && !isOwnEmail) return undefined;
      const why = isOwnEmail ? 'It is the e-mail itself.' : (feedback.warning ?? '');
      const remedy = feedback.suggestions[0] ?? 'Add more words that are less common.';
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

async function load(): Promise<ZxcvbnFactory> {
  const [core, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
    l33tMaxSubstitutions: READINGS,
  });
}
