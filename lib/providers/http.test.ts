import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttp, type Http } from './http.ts';
import { closedPort, startFakeServer, type FakeServer } from './testing/fake-server.ts';

let server: FakeServer;
let http: Http;

beforeEach(async () => {
  server = await startFakeServer();
  http = createHttp({ timeoutMs: 150, maxAnswerBytes: 1_000 });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await http.close();
});

const post = (base: string, signal?: AbortSignal) =>
  http.send({ method: 'POST', url: new URL('/x?y=1', base), body: '{"a":1}', signal });

test('an answer comes with its status, text and headers', async () => {
  server.answer({ status: 503, body: 'busy', headers: { 'retry-after': '7' } });
  const reply = await post(server.baseUrl);
  expect(reply).toMatchObject({ kind: 'reply', status: 503, text: 'busy' });
  expect(reply.kind === 'reply' && reply.header('retry-after')).toBe('7');
  expect(server.requests).toMatchObject([{ method: 'POST', json: { a: 1 } }]);
});

test('a refused connection means that nothing was sent', async () => {
  const failure = await post(await closedPort());
  expect(failure).toMatchObject({ kind: 'failure', code: 'unreachable', sent: false });
});

test('a request that was read and never answered counts as sent', async () => {
  server.answer('hang');
  const failure = await post(server.baseUrl);
  expect(failure).toMatchObject({ kind: 'failure', code: 'timeout', sent: true });
  expect(server.requests).toHaveLength(1);
});

test('a connection dropped after reading counts as sent', async () => {
  server.answer('reset');
  const failure = await post(server.baseUrl);
  expect(failure).toMatchObject({ kind: 'failure', code: 'connection_lost', sent: true });
  expect(server.requests).toHaveLength(1);
});

test('a caller that gave up before sending knows that nothing was sent', async () => {
  const failure = await post(server.baseUrl, AbortSignal.abort());
  expect(failure).toMatchObject({ kind: 'failure', code: 'aborted', sent: false });
  expect(server.requests).toHaveLength(0);
});

test('a caller that gives up while waiting does not claim that nothing happened', async () => {
  server.answer('hang');
  const failure = await post(server.baseUrl, AbortSignal.timeout(50));
  expect(failure).toMatchObject({ kind: 'failure', code: 'aborted', sent: true });
});

test('an answer without end is not read on', async () => {
  server.answer({ body: 'x'.repeat(5_000) });
  expect(await post(server.baseUrl)).toMatchObject({
    kind: 'failure',
    code: 'too_big',
    sent: true,
  });
});
