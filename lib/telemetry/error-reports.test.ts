import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openErrorReports, type ErrorReports } from './error-reports.ts';
import { createLogger } from './log.ts';

let posts: { path: string; auth: string; text: string }[];
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (part: Buffer) => (text += part.toString()));
  request.once('end', () => {
    const auth = String(request.headers['x-sentry-auth']);
    posts.push({ path: request.url ?? '', auth, text });
    response.end('{}');
  });
});
let dsn: string;
let reports: ErrorReports;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  dsn = `http://public@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/sentry/42`;
});
afterAll(() => void server.close());
beforeEach(() => {
  posts = [];
  reports = openErrorReports({ dsn, environment: 'test', version: '1.2.3' });
});

const silent = { write: () => undefined };
const loggerTo = (to: ErrorReports) =>
  createLogger({ service: 'lead', version: 't', level: 'info', destination: silent, reports: to });

test('what is logged as an error is reported, without what a person could be known by', async () => {
  const cause = new Error('invalid input: "Ada Lovelace"');
  const err = new Error('mail to ada@example.org, +49 151 2345678 failed', { cause });
  loggerTo(reports).error({ err, request_id: 'r-1', route: '/leads' }, 'request failed');
  await reports.stop();
  expect(posts).toHaveLength(1);
  const [{ path, auth, text } = { path: '', auth: '', text: '' }] = posts;
  expect(path).toBe('/sentry/api/42/envelope/');
  expect(auth).toContain('sentry_key=public');
  const [header, item, event] = text.split('\n').map((line) => JSON.parse(line));
  expect(header.event_id).toBe(event.event_id);
  expect(item).toEqual({ type: 'event' });
  expect(event).toMatchObject({
    level: 'error',
    release: 'leadctl@1.2.3',
    environment: 'test',
    transaction: '/leads',
    tags: { service: 'lead', request_id: 'r-1' },
    exception: {
      values: [
        { type: 'Error', value: 'invalid input: "…"' },
        { type: 'Error', value: 'mail to a***@example.org, +49***78 failed' },
      ],
    },
  });
  const frames: { filename: string }[] = event.exception.values[1].stacktrace.frames;
  expect(frames.at(-1)?.filename).toContain('error-reports.test.ts');
  expect(text).not.toMatch(/Lovelace|ada@|2345678/);
});

test('warnings are not reported, nor are errors without one', async () => {
  const log = loggerTo(reports);
  log.warn({ err: new Error('it will be tried again') }, 'upkeep failed');
  log.error({ lane: 'a' }, 'lane held');
  await reports.stop();
  expect(posts).toEqual([]);
});

test('an error in a loop is reported so often and no more', async () => {
  for (let round = 0; round < 10; round += 1) {
    for (let index = 0; index < 15; index += 1)
      loggerTo(reports).error({ err: new Error('x') }, 'x');
    await reports.stop();
  }
  expect(posts).toHaveLength(60);
});

test('a Sentry that is away costs nobody anything', async () => {
  const away = openErrorReports({
    dsn: 'http://key@127.0.0.1:9/1',
    environment: 'test',
    version: '1',
  });
  away.report(new Error('x'), { service: 'lead', message: 'x' });
  await expect(away.stop()).resolves.toBeUndefined();
});
