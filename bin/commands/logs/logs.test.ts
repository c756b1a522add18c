import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runLeadctl } from '../../testing/run.ts';

let dir: string;
let file: string;
const line = (over: Readonly<Record<string, string>>): string =>
  `${JSON.stringify({ level: 'info', time: '2026-03-01T11:00:00.000Z', service: 'lead', message: 'm', ...over })}\n`;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-logs-'));
  await mkdir(path.join(dir, 'log'));
  file = path.join(dir, 'log', 'leadctl.log');
  await writeFile(
    file,
    line({ message: 'first' }) +
      line({ message: 'bad', level: 'error', request_id: 'r1', why: 'because' }) +
      'not json\n' +
      line({ message: 'other', service: 'worker' }),
  );
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const logs = (...args: string[]) => runLeadctl(['logs', '--data-dir', dir, ...args], dir);

test('lines come in words, of a service, a level, a request, the last so many', async () => {
  expect((await logs()).out).toContain('lead  bad  request_id=r1 why=because');
  expect((await logs('--service', 'worker')).out).toMatch(/^\S+ {2}info {2}worker {2}other\n$/);
  expect((await logs('--level', 'warn', '--request', 'r1')).out.split('\n')).toHaveLength(2);
  expect((await logs('--limit', '1', '-o', 'json')).out).toContain('"message":"other"');
});

test('what comes later is followed', async () => {
  const end = new AbortController();
  const ran = runLeadctl(['logs', '--data-dir', dir, '--follow', '--limit', '1'], dir, {
    interruption: () => end.signal,
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await appendFile(file, line({ message: 'later' }));
  setTimeout(() => end.abort(), 800);
  expect((await ran).out).toMatch(/other\n.*later\n$/);
});

test('a directory without a log is not found, and said how to find one', async () => {
  const ran = await runLeadctl(['logs', '--data-dir', '/nonexistent'], dir);
  expect([ran.code, ran.out]).toEqual([5, '']);
  expect(ran.err).toContain('--data-dir');
});
