import { afterEach, expect, test } from 'vitest';
import { createStrengthEstimator, type StrengthEstimator } from './strength.ts';

let running: StrengthEstimator | undefined;
afterEach(() => running?.stop());

const withScript = (code: string): StrengthEstimator => {
  running = createStrengthEstimator({
    script: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
  });
  return running;
};
const answering = (score: string) => `
  import { parentPort } from 'node:worker_threads';
  parentPort.on('message', ({ id, password }) => {
    if (password === 'crash') throw new Error('crashed');
    if (password === 'hang') return;
    parentPort.postMessage({ id, strength: { score: ${score}, warning: '', suggestion: '' } });
  });`;

test('many are estimated at once, each gets its own answer', async () => {
  const { estimate } = withScript(answering('password.length'));
  const words = ['a', 'bb', 'ccc', 'dddd'];
  const scores = await Promise.all(words.map(async (word) => (await estimate(word, []))?.score));
  expect(scores).toEqual([1, 2, 3, 4]);
});

test('a worker that crashes fails what waits for it, and the next password begins another', async () => {
  const { estimate } = withScript(answering('4'));
  expect(await Promise.all([estimate('hang', []), estimate('crash', [])])).toEqual([
    undefined,
    undefined,
  ]);
  expect(await estimate('good', [])).toMatchObject({ score: 4 });
});

test('no more than a hundred wait', async () => {
  const estimator = withScript(answering('4'));
  const waiting = Array.from({ length: 100 }, () => estimator.estimate('hang', []));
  expect(await estimator.estimate('one too many', [])).toBeUndefined();
  await estimator.stop();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]));
});
