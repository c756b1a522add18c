import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeGateway, problemAnswer, startFakeGateway } from '../../testing/fake-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

const acme = {
  client_id: 'acme',
  name: 'Acme',
  status: 'active',
  default_country: 'DE',
  created_at: '2026-02-01T12:00:00.000Z',
  updated_at: '2026-02-01T12:00:00.000Z',
};
let dir: string;
let gateway: FakeGateway;
let isThere: boolean;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-client-'));
  isThere = true;
  gateway = await startFakeGateway({
    'POST /api/clients': () =>
      isThere ? problemAnswer('client_exists') : { status: 201, body: acme },
    'GET /api/clients/acme': () => ({ body: acme }),
    'PATCH /api/clients/acme': () => ({ body: { ...acme, status: 'suspended' } }),
    'DELETE /api/clients/acme': () => ({ status: 204 }),
    'GET /api/clients': ({ line }) =>
      line.includes('cursor=two')
        ? { body: { data: [{ ...acme, client_id: 'globex' }], next_cursor: null } }
        : { body: { data: [acme], next_cursor: 'two' } },
  });
});

afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Ran> =>
  runLeadctl(args, dir, { env: { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't' } });

describe('leadctl client', () => {
  it('creates, and with --if-not-exists shows what is there instead of failing', async () => {
    expect(await run('client', 'create', 'acme')).toMatchObject({ code: 6, out: '' });
    const again = await run('client', 'create', 'acme', '--if-not-exists', '-o', 'name');
    expect(again).toMatchObject({ code: 0, out: 'acme\n' });
    isThere = false;
    expect((await run('client', 'create', 'acme', '--name', 'Acme')).code).toBe(0);
    expect(gateway.seen.at(-1)?.body).toMatchObject({ client_id: 'acme', name: 'Acme' });
  });

  it('refuses an id that can never be one before asking the gateway', async () => {
    expect((await run('client', 'create', 'Not An Id')).code).toBe(2);
    expect(gateway.seen).toEqual([]);
  });

  it('lists across pages, and says so when it stops short', async () => {
    expect((await run('client', 'ls', '-o', 'name')).out).toBe('acme\nglobex\n');
    const short = await run('client', 'ls', '--limit', '1', '-o', 'name');
    expect(short.out).toBe('acme\n');
    expect(short.err).toContain('--all');
  });

  it('suspends only after a yes', async () => {
    expect((await run('client', 'suspend', 'acme')).code).toBe(2);
    expect(gateway.seen).toEqual([]);
    expect((await run('client', 'suspend', 'acme', '--yes')).code).toBe(0);
    expect(gateway.seen.at(-1)?.body).toEqual({ status: 'suspended' });
  });

  it('shows what archiving will hit', async () => {
    const ran = await run('client', 'archive', 'acme');
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('"Acme", active');
    expect(gateway.seen.every(({ line }) => line.startsWith('GET '))).toBe(true);
  });
});
