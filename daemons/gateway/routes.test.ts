import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keysFromSecret } from '../../lib/identity/keys.ts';
import { createIdentitySeal, IDENTITY_HEADER } from '../../lib/identity/seal.ts';
import { KINDS, openBench, type GatewayBench } from './testing/bench.ts';
import { people } from './testing/people.ts';
import { codeOf, seenIn, send, type Answer, type Sent } from './testing/send.ts';

describe.each(KINDS)('a gateway before daemons reached by %s', (kind) => {
  let bench: GatewayBench;
  beforeAll(async () => {
    bench = await openBench({ kind });
  });
  afterAll(() => bench.stop());

  const asMember = (path: string, sent: Sent = {}) =>
    send(bench.port, path, { ...sent, headers: { ...bench.as('member'), ...sent.headers } });
  const outcome = (answer: Answer) => [
    answer.status,
    answer.status === 200 ? seenIn(answer) : codeOf(answer),
  ];
  /** What the gateway itself says of `/`, however that is spelled. */
  const isFirstPage = ({ text }: Answer) => text.startsWith('{"name":"leadctl","links":');
  /** The route and the client that a daemon was reached for. */
  const reached = (answer: Answer) => {
    if ([400, 401, 403, 404].includes(answer.status)) return 'refused';
    if (isFirstPage(answer)) return 'the first page';
    const { route, params } = seenIn(answer);
    return `${route} of ${params['client_id']}`;
  };

  describe('hands on', () => {
    test('who calls, through which prefix soever, and no token', async () => {
      const answer = await send(bench.port, '/api/auth/me', { headers: bench.as('nobody') });
      const seen = seenIn(answer);
      expect(seen).toMatchObject({ route: 'me', user_id: people.nobody.userId });
      expect(seen.headers).not.toHaveProperty('authorization');
    });

    test('the query as it was sent', async () => {
      const answer = await asMember('/api/clients/acme/things?page=a%2Fb%26c&x=%C3%BC&y=..%2F..');
      expect(seenIn(answer)).toMatchObject({
        params: { client_id: 'acme' },
        query: { page: 'a/b&c', x: 'ü', y: '../..' },
      });
    });

    test('a sane request id and trace of the caller’s, and gives both back', async () => {
      const headers = {
        'x-request-id': 'order-66',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      };
      const answer = await asMember('/api/clients/acme/things', { headers });
      expect(answer.headers).toMatchObject(headers);
      expect(seenIn(answer)).toMatchObject({
        request_id: headers['x-request-id'],
        traceparent: headers.traceparent,
      });
    });

    test('ids of its own where the caller’s are not sane', async () => {
      const headers = { 'x-request-id': 'a b"c', traceparent: 'zz' };
      const answer = await asMember('/api/clients/acme/things', { headers });
      const seen = seenIn(answer);
      expect(seen.request_id).toMatch(/^[\da-f-]{36}$/);
      expect(seen.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
      expect(answer.headers['x-request-id']).toBe(seen.request_id);
      expect(answer.headers['traceparent']).toBe(seen.traceparent);
    });
  });

  describe('does not believe', () => {
    const asAdmin = {
      kind: 'user',
      userId: people.admin.userId,
      isAdmin: true,
      membership: null,
    } as const;

    test('an identity from outside, well sealed with another secret or not at all', async () => {
      const forged = createIdentitySeal({
        keys: keysFromSecret('not the right one', 'gateway'),
        clock: () => new Date(),
      });
      for (const value of [forged.seal(asAdmin, 'lead'), 'nonsense', ['a', 'b']]) {
        for (const name of [IDENTITY_HEADER, 'X-Leadctl-Identity']) {
          const headers = { [name]: value };
          const bare = await send(bench.port, '/api/settings', { headers });
          expect(outcome(bare)).toEqual([401, 'unauthenticated']);
          const signedIn = await asMember('/api/clients/acme/things', { headers });
          expect(seenIn(signedIn).user_id).toBe(people.member.userId);
        }
      }
    });

    test('an address that the caller gives', async () => {
      const headers = {
        'x-forwarded-for': ['203.0.113.9', '198.51.100.1'],
        'x-real-ip': '203.0.113.9',
        forwarded: 'for=203.0.113.9',
      };
      const answer = await asMember('/api/clients/acme/things', { headers });
      expect(seenIn(answer).ip).toBe('127.0.0.1');
      expect(seenIn(answer).headers['x-forwarded-for']).toBe('127.0.0.1');
    });

    test('a Connection header that would have the identity removed', async () => {
      const answer = await asMember('/api/clients/acme/things', {
        headers: {
          connection: `close, ${IDENTITY_HEADER}, X-Forwarded-For, x-private`,
          'x-private': 'for this connection only',
          te: 'trailers',
          'proxy-authorization': 'Basic abc',
        },
      });
      const seen = seenIn(answer);
      expect(seen).toMatchObject({ user_id: people.member.userId, ip: '127.0.0.1' });
      expect(seen.headers).not.toHaveProperty('x-private');
    });

    test('another method than the request’s own', async () => {
      const answer = await asMember('/api/clients/acme/things?_method=DELETE', {
        headers: { 'x-http-method-override': 'DELETE', 'x-original-url': '/settings' },
      });
      expect(seenIn(answer).route).toBe('list');
    });
  });

  describe('and its daemons mean the same by a path', () => {
    test.each([
      ['an encoded slash', '/api/clients/acme%2Fthings/things'],
      ['an encoded slash in an id', '/api/clients/acme/things/..%2f..%2fother%2fthings', 'item'],
      ['dots for a client', '/api/clients/../things'],
      ['encoded dots for a client', '/api/clients/%2e%2e/things'],
      ['dots for an id', '/api/clients/acme/things/..', 'item'],
      ['dots into another client', '/api/clients/acme/../other/things'],
      ['a double slash', '/api//clients/acme/things'],
      ['a double slash at first', '//api/clients/acme/things'],
      ['a double slash at last', '/api/clients/acme/things//'],
      ['another client after it', '/api/clients/acme/things/x/../../../other/things'],
      ['a path parameter', '/api/clients/acme;v=1/things'],
      ['an upper-case prefix', '/API/clients/acme/things'],
      ['an upper-case segment', '/api/clients/acme/Things'],
      ['an upper-case client', '/api/clients/ACME/things'],
      ['another letter that looks alike', '/api/clients/%D0%B0cme/things'],
      ['a wide letter', '/api/clients/%EF%BD%81cme/things'],
      ['an escape doubled', '/api/clients/%2561cme/things'],
      ['an escape that is none', '/api/clients/%zz/things'],
      ['half a character', '/api/clients/acme/things/%c3', 'item'],
      ['a NUL', '/api/clients/acme%00/things'],
      ['a line break', '/api/clients/acme/things/%0d%0aX-Evil:%201', 'item'],
      ['backslashes, which some parsers turn', '/api\\clients\\acme\\things#', 'list'],
      ['a question mark in a segment', '/api/clients/acme%3Fx/things'],
      ['the daemon’s own path', '/clients/acme/things'],
      ['a daemon’s own route', '/api/../metrics'],
      ['a prefix of it', '/api/clients/acme/thing'],
      ['another host', 'http://elsewhere/api/settings'],
    ])('%s: %s', async (_what, path, route?: string) => {
      const expected = route === undefined ? 'refused' : `${route} of acme`;
      expect(reached(await asMember(path))).toBe(expected);
    });

    test.each([
      ['/api/clients/%61cme/things/', 'list of acme'],
      ['/api/clients/acme/things#/../other', 'list of acme'],
      ['/api/clients/acme/th%69ngs', 'refused'],
    ])('a last slash, a fragment, an escaped letter: %s is %s', async (path, expected) => {
      expect(reached(await asMember(path))).toBe(expected);
    });

    test('whatever reaches a daemon is what the caller was granted, in the caller’s client', async () => {
      const pieces =
        'api clients acme other things live x settings internal .. . %2f %2e%2e %61cme ACME ; %00 é %c3 : * \\';
      const piece = fc.constantFrom('', ...pieces.split(' '));
      const path = fc
        .tuple(fc.constantFrom('/api/clients/', '/', '/api/'), fc.array(piece, { maxLength: 6 }))
        .map(([start, rest]) => start + rest.join('/'));
      const spelling = fc.tuple(path, fc.constantFrom('', '/', '?x=/other', '#', '//', '%20'));
      await fc.assert(
        fc.asyncProperty(spelling, async ([start, end]) => {
          const outcomes = [
            'refused',
            'the first page',
            'list of acme',
            'item of acme',
            'open of undefined',
          ];
          expect(outcomes).toContain(reached(await asMember(start + end)));
        }),
        { numRuns: 300 },
      );
    });
  });

  describe('answers itself', () => {
    test.each(['/api', '/api/nothing', '/api/clients', '/favicon.ico'])(
      '404 for %s',
      async (path) => {
        const answer = await asMember(path);
        expect(outcome(answer)).toEqual([404, 'not_found']);
        expect(answer.headers['content-type']).toBe('application/problem+json');
      },
    );

    test.each([
      ['PATCH', '/api/clients/acme/things', 'HEAD, GET, POST, DELETE'],
      ['DELETE', '/api/open', 'HEAD, GET'],
      ['PROPFIND', '/api/open', 'HEAD, GET'],
      ['GET', '/api/ingest', 'POST, OPTIONS'],
    ])('405 for %s %s, saying what is allowed', async (method, path, allow) => {
      const answer = await asMember(path, { method });
      expect(outcome(answer)).toEqual([405, 'method_not_allowed']);
      expect(answer.headers['allow']).toBe(allow);
    });

    test.each([
      ['/api/clients/acme/things/live', 'HEAD, GET'],
      ['/api/clients/acme/things/7', 'HEAD, GET'],
      ['/api/ingest', 'POST, OPTIONS'],
      ['/api/clients/acme/things/', 'HEAD, GET, POST, DELETE'],
    ])('OPTIONS of %s with the methods of that resource alone', async (path, allow) => {
      // Preflights of ingestion are for the daemon, which knows the keys' origins.
      const method = path === '/api/ingest' ? 'DELETE' : 'OPTIONS';
      const answer = await asMember(path, { method });
      expect(answer.headers['allow']).toBe(allow);
      expect(answer.status).toBe(method === 'OPTIONS' ? 200 : 405);
    });

    test('nothing of the path that could be markup', async () => {
      const answer = await asMember('/api/<script>alert(1)</script>"\'');
      expect(outcome(answer)).toEqual([404, 'not_found']);
      expect(answer.text).toContain('There is nothing at /api/%3Cscript%3Ealert(1)');
      expect(answer.text).not.toMatch(/[<>]|\\"|'/);
      const long = await asMember(`/api/${'x'.repeat(5_000)}`);
      expect(long.text.length).toBeLessThan(1_000);
    });

    test('404, not 405, to a strange method on a path that there is not', async () => {
      const answer = await asMember('/api/nothing', { method: 'PROPFIND' });
      expect(outcome(answer)).toEqual([404, 'not_found']);
      expect(answer.headers).not.toHaveProperty('allow');
    });

    test('HEAD as it would GET, without the body', async () => {
      const answer = await asMember('/api/clients/acme/things', { method: 'HEAD' });
      expect([answer.status, answer.text]).toEqual([200, '']);
      const other = await asMember('/api/clients/other/things', { method: 'HEAD' });
      expect(other.status).toBe(404);
    });
  });
});
