import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBench, type GatewayBench } from './testing/bench.ts';
import { send } from './testing/send.ts';

let isLeadUp = true;
let timesAsked = 0;
let held: Promise<void> | undefined;
let bench: GatewayBench;

beforeAll(async () => {
  bench = await openBench({
    kind: 'direct',
    upstreamChecks: {
      lead: async () => {
        timesAsked += 1;
        await held;
        if (!isLeadUp) throw new Error('answers 503');
      },
    },
  });
});
afterAll(() => bench.stop());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  send(bench.port, path, { headers });

describe('/ready', () => {
  test('asked by many at once asks every daemon once', async () => {
    const gate = Promise.withResolvers<void>();
    held = gate.promise;
    timesAsked = 0;
    const socket = connect(bench.port, '127.0.0.1');
    // In one piece, so that all are there once the first is answered.
    socket.write('GET /ready HTTP/1.1\r\nHost: gateway\r\n\r\n'.repeat(20));
    let text = '';
    socket.on('data', (part: Buffer) => (text += part.toString()));
    await expect.poll(() => timesAsked).toBe(1);
    gate.resolve();
    held = undefined;
    await expect.poll(() => text.match(/HTTP\/1.1 200/g)?.length).toBe(20);
    socket.destroy();
    expect(timesAsked).toBe(1);
  });

  test('is 200 while every daemon can serve, and 503 naming the one that cannot', async () => {
    const ready = await get('/ready');
    expect([ready.status, JSON.parse(ready.text)]).toMatchObject([
      200,
      { status: 'ok', checks: { access: { status: 'ok' }, lead: { status: 'ok' } } },
    ]);
    isLeadUp = false;
    const unready = await get('/ready');
    isLeadUp = true;
    expect(unready.status).toBe(503);
    expect(JSON.parse(unready.text)).toMatchObject({
      status: 'unavailable',
      checks: { lead: { status: 'failed', detail: 'answers 503' } },
    });
  });
});

describe('the page of the API', () => {
  test('runs files of this gateway alone, which come from the viewer’s package', async () => {
    const page = await get('/docs');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['cache-control']).toBe('no-store');
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toEqual(expect.arrayContaining(['/docs/viewer.js', '/docs/viewer.css']));
    expect(files.filter((file) => !file.startsWith('/'))).toEqual([]);
    for (const file of files.filter((one) => one.startsWith('/docs/'))) {
      const got = await get(file);
      expect([file, got.status, got.text.length > 100]).toEqual([file, 200, true]);
      expect(got.text).not.toContain('sourceMappingURL');
    }
    expect((await get('/docs/swagger-ui-bundle.js.map')).status).toBe(404);
  });
});

describe('the gateway itself', () => {
  test('tells a person where to go, and a program as JSON', async () => {
    const page = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links).toEqual(['/account/', '/docs', '/openapi.json']);
    expect(page.text).not.toMatch(/ (?:on\w+|style|src)=|http/);
    for (const accept of ['*/*', 'application/json']) {
      const answer = await get('/', { accept });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toMatchObject({ name: 'leadctl', links: { docs: '/docs' } });
    }
    for (const link of links) expect([link, (await get(link)).status]).toEqual([link, 200]);
  });
});

describe('a page', () => {
  test.each(['/account/', '/account'])('%s runs its own text and nothing else', async (path) => {
    const page = await get(path);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    for (const tag of ['script', 'style']) {
      const blocks = [...page.text.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, 'g'))];
      expect(blocks.length).toBe(1);
      const hash = createHash('sha256')
        .update(blocks[0]?.[1] ?? '')
        .digest('base64');
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    expect(page.text).not.toMatch(/ (?:on\w+|style|src)=| href="[^#]/);
    expect(page.headers['cache-control']).toBe('no-store');
  });
});

describe('/openapi.json', () => {
  test('has every service’s routes under their public paths, and no internal ones', async () => {
    const document = JSON.parse((await get('/openapi.json')).text);
    const paths = Object.keys(document.paths);
    expect(paths).toContain('/api/auth/me');
    expect(paths).toContain('/api/clients/{client_id}/things');
    expect(paths.filter((path) => path.includes('internal'))).toEqual([]);
  });
});
