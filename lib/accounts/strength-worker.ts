/** The entry of a worker thread: loading the dictionaries and judging one password takes it a while. */
import { parentPort } from 'node:worker_threads';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { question, type Answer, type Question } from './strength-messages.ts';

/** Readings of `p4$$w0rd`; each more doubles the time that a made-up password can cost. */
const READINGS = 8;

const loading = load();

parentPort?.on('message', (message: unknown) => void answerTo(question.parse(message)));

async function answerTo({ id, password, guessedFirst }: Question): Promise<void> {
  const estimator = await loading;
  const { score, feedback } = estimator.check(password, guessedFirst);
  const [suggestion = ''] = feedback.suggestions;
  const answer: Answer = { id, strength: { score, warning: feedback.warning ?? '', suggestion } };
  parentPort?.postMessage(answer);
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
