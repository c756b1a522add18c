import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOf } from './testing/sign-in.ts';
import { startTestAuth, type TestAuth } from './testing/start.ts';

/** Blocks its thread until the byte is set, as loading dictionaries blocks one for half a second. */
const BLOCKING = `
  import { parentPort } from 'node:worker_threads';
  const channel = new BroadcastChannel('judged');
  parentPort.on('message', ({ id }) => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    channel.postMessage(shared.buffer);
    Atomics.wait(shared, 0, 0);
    parentPort.postMessage({ id, strength: { score: 4, warning: '', suggestion: '' } });
  });`;

let auth: TestAuth;
beforeAll(async () => {
  auth = await startTestAuth({
    parts: {
      strength: { script: new URL(`data:text/javascript,${encodeURIComponent(BLOCKING)}`) },
    },
  });
});
afterAll(() => auth.stop());

test('while a password is judged, everything else is answered', async () => {
  const channel = new BroadcastChannel('judged');
  const begun = new Promise<Int32Array>((resolve) => {
    channel.addEventListener('message', (event) => {
      if (!('data' in event) || !(event.data instanceof SharedArrayBuffer)) return;
      resolve(new Int32Array(event.data));
    });
  });
  const body = { email: 'ada@example.com', password: 'correct horse battery' };
  const registering = auth.daemon.client().call('register', { body });
  const blocked = await begun;
  const health = await fetch(`${auth.daemon.url}/health`);
  expect(health.status).toBe(200);
  Atomics.store(blocked, 0, 1);
  Atomics.notify(blocked, 0);
  expect(answerOf(await registering)).toBe(201);
  channel.close();
});
