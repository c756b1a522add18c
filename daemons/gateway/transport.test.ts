import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { KINDS, openBench, type BenchOptions, type GatewayBench } from './testing/bench.ts';
import { send } from './testing/send.ts';

let bench: GatewayBench;
afterEach(() => bench.stop());

describe.each(KINDS)('answers of daemons reached by %s', (kind) => {
  test('are what they say they are and kept by nobody on the way', async () => {
    bench = await openBench({ kind });
    const paths = ['/api/open', '/api/auth/me', '/api/nothing', '/health', '/docs'];
    const answers = await Promise.all([
      ...paths.map((path) => send(bench.port, path)),
      send(bench.port, '/api/clients/acme/things', { headers: bench.as('member') }),
      send(bench.port, '/api/open', { method: 'DELETE' }),
    ]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });
});

describe('Strict-Transport-Security', () => {
  const sentOver = async (
    settings: BenchOptions['settings'],
    headers: Record<string, string> = {},
  ) => {
    bench = await openBench({ kind: 'direct', settings: settings ?? {} });
    const answer = await send(bench.port, '/api/open', { headers });
    return answer.headers['strict-transport-security'];
  };
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };

  test('is sent where a trusted proxy says https', async () => {
    expect(await sentOver({ TRUSTED_PROXIES: 1 }, https)).toBe('max-age=31536000');
  });

  test('is not sent on the word of anybody else, or to those who came without', async () => {
    expect(await sentOver({ TRUSTED_PROXIES: 0 }, https)).toBeUndefined();
    await bench.stop();
    const both = { ...https, 'x-forwarded-proto': 'https, http' };
    expect(await sentOver({ TRUSTED_PROXIES: 1 }, both)).toBeUndefined();
  });

  test('can be set and can be left out', async () => {
    expect(await sentOver({ HSTS: 'on' })).toBe('max-age=31536000');
    await bench.stop();
    expect(await sentOver({ HSTS: 'off', TRUSTED_PROXIES: 1 }, https)).toBeUndefined();
  });
});

test('a request that names two hosts is refused', async () => {
  bench = await openBench({ kind: 'direct' });
  const answerTo = async (hosts: string) => {
    const socket = connect(bench.port, '127.0.0.1');
    socket.write(`GET /api/open HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    return (await text(socket)).split('\r\n', 1)[0];
  };
  expect(await answerTo('Host: a.example\r\n')).toBe('HTTP/1.1 200 OK');
  expect(await answerTo('Host: a.example\r\nhost: b.example\r\n')).toBe('HTTP/1.1 400 Bad Request');
});
