import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSandbox, type TestSandbox } from '../testing/sandbox.ts';
import { SCRIPT } from './script.ts';
import { createFakePage } from '../testing/fake-page.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

describe('the live page', () => {
  it.each(['/', '/_sandbox', '/_sandbox/'])(
    'is at %s and loads nothing from elsewhere',
    async (path) => {
      const response = await fetch(sandbox.url + path);
      const html = await response.text();
      expect(response.headers.get('content-type')).toMatch('text/html');
      expect(response.headers.get('content-security-policy')).toMatch("default-src 'none'");
      const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
      expect(assets.length).toBeGreaterThan(0);
      for (const asset of assets.filter((one) => !one.startsWith('data:'))) {
        expect((await fetch(sandbox.url + asset)).status).toBe(200);
      }
    },
  );

  it('has a script that parses and builds no markup from data', () => {
    expect(() => runInNewContext(`(() => {${SCRIPT}})`)).not.toThrow();
    expect(SCRIPT).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
  });

  it('shows messages and sheets, markup in them as the text it is', async () => {
    await sandbox.control('POST', '/reset');
    await sandbox.control('PUT', '/sheets/book', { values: [['name'], ['<img src=x onerror=1>']] });
    await fetch(`${sandbox.url}/v25.0/1/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer EAAtoken' },
      body: JSON.stringify({
        messaging_product: 'whatsapp',
        to: '+15551234567',
        text: { body: '<b>Ada</b>' },
      }),
    });
    const page = createFakePage(sandbox.url);
    runInNewContext(SCRIPT, page.globals);
    await vi.waitFor(() => expect(page.text('state')).toBe('live'), 3_000);
    expect(page.text('messages')).toMatch('+15551234567<b>Ada</b>');
    expect(page.text('sheets')).toMatch('name<img src=x onerror=1>');
    expect(page.text('requests')).toMatch('whatsappmessages200');
  });

  it('gets a snapshot only when something changed', async () => {
    const first = await fetch(`${sandbox.url}/_sandbox/snapshot`);
    const etag = first.headers.get('etag') ?? '';
    const headers = { 'if-none-match': etag };
    expect((await fetch(`${sandbox.url}/_sandbox/snapshot`, { headers })).status).toBe(304);
    await sandbox.control('PUT', '/sheets/book', { values: [['id'], ['<b>1</b>']] });
    const changed = await fetch(`${sandbox.url}/_sandbox/snapshot`, { headers });
    expect(await changed.json()).toMatchObject({
      sheets: [{ id: 'book', header: ['id'], rows: [['<b>1</b>']], count: 1 }],
    });
  });
});

describe('the daemon', () => {
  it('answers health, readiness and its own contract, and problems where it has nothing', async () => {
    for (const path of ['/health', '/ready', '/openapi.json', '/metrics']) {
      expect((await fetch(sandbox.url + path)).status).toBe(200);
    }
    const missing = await fetch(`${sandbox.url}/nothing/here`);
    expect(missing.headers.get('content-type')).toMatch('application/problem+json');
    expect(missing.status).toBe(404);
  });
});
