import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LookupAddress } from 'node:dns';
import { refuseUrl } from './address.ts';
import { parseAllowList } from './allow-list.ts';
import { createOutgoingHttp } from './http.ts';

const nothing = parseAllowList([]);
let server: Server;
let port: number;
let hits = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    hits += 1;
    if (request.url === '/elsewhere') response.writeHead(302, { location: '/' });
    response.end(request.url === '/big' ? 'x'.repeat(70_000) : 'here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function http(options: { allow?: string[]; answers?: readonly LookupAddress[][] }) {
  let asked = 0;
  const { answers } = options;
  return createOutgoingHttp({
    timeoutMs: 2_000,
    allow: parseAllowList(options.allow ?? []),
    ...(answers === undefined
      ? {}
      : {
          resolve: (_host, callback) => {
            callback(null, answers[Math.min(asked, answers.length - 1)] ?? []);
            asked += 1;
          },
        }),
  });
}

async function send(url: string, options: Parameters<typeof http>[0] = {}) {
  const client = http(options);
  try {
    const answer = await client.send({ method: 'POST', url: new URL(url), body: '{}' });
    return answer.kind === 'reply' ? answer.status : answer.code;
  } finally {
    await client.close();
  }
}

const INNER = [
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.0.1/',
  'http://169.254.169.254/latest/meta-data',
  'http://100.64.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
];

describe('an address that a client gave', () => {
  test.each(INNER)('%s is refused before anything is sent', async (url) => {
    expect(refuseUrl(new URL(url), nothing)).toContain('not a public address');
    expect(await send(url)).toBe('address_refused');
  });

  test.each([
    ['ftp://example.com/', 'only http://'],
    ['file:///etc/passwd', 'only http://'],
    ['https://user:password@example.com/', 'no user name or password'],
  ])('%s is refused: %s', (url, why) => {
    expect(refuseUrl(new URL(url), nothing)).toContain(why);
  });

  test('is taken when it is public', () => {
    for (const url of ['https://93.184.216.34/', 'https://[2606:4700::1111]/', 'http://a.example/'])
      expect(refuseUrl(new URL(url), nothing)).toBeUndefined();
  });
});

describe('a name', () => {
  const inner: LookupAddress = { address: '127.0.0.1', family: 4 };
  const outer: LookupAddress = { address: '93.184.216.34', family: 4 };

  test('that leads inside is refused, alone or among public addresses', async () => {
    const before = hits;
    const url = `http://trick.example:${port}/`;
    expect(await send(url, { answers: [[inner]] })).toBe('address_refused');
    expect(await send(url, { answers: [[outer, inner]] })).toBe('address_refused');
    expect(await send(url, { answers: [[{ address: '::ffff:127.0.0.1', family: 6 }]] })).toBe(
      'address_refused',
    );
    expect(hits).toBe(before);
  });

  test('is asked for once a connection: what changes its answer is judged by the one that is used', async () => {
    const url = `http://changing.example:${port}/`;
    expect(await send(url, { answers: [[inner], [outer]] })).toBe('address_refused');
  });

  test('of this machine is refused by its name', async () => {
    for (const host of ['localhost', 'LOCALHOST'])
      expect(await send(`http://${host}:${port}/`)).toBe('address_refused');
  });
});

describe('the list of inner addresses that may be reached', () => {
  test('takes a range, or a host with its port and no other', async () => {
    expect(await send(`http://127.0.0.1:${port}/`, { allow: ['127.0.0.0/8'] })).toBe(200);
    expect(await send(`http://127.0.0.1:${port}/`, { allow: [`127.0.0.1:${port}`] })).toBe(200);
    expect(await send(`http://localhost:${port}/`, { allow: [`localhost:${port}`] })).toBe(200);
    expect(await send(`http://127.0.0.1:${port}/`, { allow: ['127.0.0.1:1'] })).toBe(
      'address_refused',
    );
    expect(await send(`http://127.0.0.1:${port}/`, { allow: ['10.0.0.0/8', 'fd00::/8'] })).toBe(
      'address_refused',
    );
  });

  test.each(['nonsense', '10.0.0.0/99', 'host', 'http://a:1', 'a:b'])(
    '%s is no entry, and the message says so',
    (entry) => {
      expect(() => parseAllowList([entry])).toThrow(entry);
    },
  );
});

test('a redirect is an answer, and a long answer is not read to its end', async () => {
  const allow = ['127.0.0.0/8'];
  expect(await send(`http://127.0.0.1:${port}/elsewhere`, { allow })).toBe(302);
  expect(await send(`http://127.0.0.1:${port}/big`, { allow })).toBe('too_big');
});
