import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeGateway, startFakeGateway } from '../../testing/fake-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

const USER = '019a0000-0000-7000-8000-000000000001';
const PRODUCT = '019a0000-0000-7000-8000-000000000002';

let dir: string;
let gateway: FakeGateway;

const entry = {
  id: USER,
  at: '2026-03-01T11:59:00.000Z',
  client_id: null,
  actor_kind: 'anonymous',
  actor_id: null,
  action: 'login.failed',
  target_kind: 'account',
  target_id: 'b***@acme.example',
  request_id: null,
  ip: '192.0.2.1',
  detail: { count: 12 },
};
const offered = {
  client_id: 'acme',
  product_id: PRODUCT,
  product: 'Roadster',
  category: 'SUV',
  industry: 'Auto',
  category_id: PRODUCT,
  industry_id: PRODUCT,
  enabled: false,
  attached_at: '2026-03-01T11:00:00.000Z',
};
const page = (data: readonly unknown[]) => ({ body: { data, next_cursor: null } });

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-asking-'));
  gateway = await startFakeGateway({
    'GET /api/auth/me': () => ({
      body: {
        id: USER,
        email: 'a@b.example',
        email_proven: true,
        has_totp: false,
        phone: null,
        is_admin: true,
        status: 'active',
        memberships: [],
      },
    }),
    'POST /api/permissions/check': () => ({
      body: { allowed: true, reason: 'an admin may', role: null, permission_id: null },
    }),
    'GET /api/audit': () => page([entry]),
    'GET /api/clients/acme/audit': () => page([]),
    'GET /api/clients/acme/products': () =>
      page([offered, { ...offered, category: 'Van', enabled: true }]),
    'GET /api/industries': () => page([]),
    'PATCH /api/clients/acme/integrations': () => ({ status: 404, body: {} }),
  });
});
afterAll(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

function run(...args: string[]): Promise<Ran> {
  const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't', LEADCTL_CLIENT: 'acme' };
  return runLeadctl(args, dir, { env });
}
const lastBody = () => gateway.seen.at(-1)?.body;

it('can-i goes by the client that the path names, unless that is left open', async () => {
  expect(await run('can-i', 'DELETE', '/api/clients/globex/leads/x')).toMatchObject({ code: 0 });
  expect(lastBody()).toMatchObject({ client_id: 'globex' });
  await run('can-i', 'GET', '/api/clients/{client_id}/leads');
  expect(lastBody()).toMatchObject({ client_id: 'acme' });
  await run('can-i', 'GET', '/api/clients/globex/leads', '--client', 'initech');
  expect(lastBody()).toMatchObject({ client_id: 'initech' });
});

it('product ls shows what a client offers where --client names it, and the catalogue elsewhere', async () => {
  const ran = await run('product', 'ls', '--client', 'acme', '-o', 'csv');
  expect(ran.out).toContain('"Auto/SUV/Roadster","no"');
  expect(ran.out).toContain('"Auto/Van/Roadster","yes"');
  const inside = await run('product', 'ls', '--client', 'acme', '--in', 'Auto/Van', '-o', 'name');
  expect(inside.out).toBe('Auto/Van/Roadster\n');
  await run('product', 'ls');
  expect(gateway.seen.at(-1)?.line).toMatch(/^GET \/api\/industries/);
});

it('audit ls asks for the client’s log, and for everybody’s with --everywhere', async () => {
  await run('audit', 'ls', '--action', 'lead.erase', '--since', '2026-03-01');
  expect(gateway.seen.at(-1)?.line).toMatch(
    /^GET \/api\/clients\/acme\/audit\?.*action=lead\.erase.*since=2026-03-01T00%3A00%3A00\.000Z/,
  );
  const all = await run('audit', 'ls', '--everywhere', '--kind', 'anonymous', '-o', 'csv');
  expect(gateway.seen.at(-1)?.line).toMatch(/^GET \/api\/audit\?.*actor_kind=anonymous/);
  expect(all.out.split('\n').slice(0, 2)).toEqual([
    'at,action,client,by,actor,address,target,detail,request,id',
    `"2026-03-01T11:59:00.000Z","login.failed",,"anonymous",,"192.0.2.1","account b***@acme.example","count=12",,"${USER}"`,
  ]);
});

it('integration set takes the page and the form of Meta', async () => {
  await run('integration', 'set', '--meta-page-id', '123', '--meta-form-id', '456');
  expect(lastBody()).toEqual({ meta_page_id: '123', meta_form_id: '456' });
});
