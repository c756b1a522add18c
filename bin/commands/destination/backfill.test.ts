import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { startFakeGateway, type FakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

const ID = '0190a5b0-0000-7000-8000-000000000001';
const AT = '2026-03-01T00:00:00.000Z';
const CRM = {
  id: ID,
  client_id: 'acme',
  name: 'crm',
  kind: 'webhook',
  enabled: true,
  on: ['lead.created'],
  filter: {},
  settings: {},
  secrets: {},
  version: 1,
  disabled: null,
  held: [],
  created_at: AT,
  updated_at: AT,
};
const asked = z.object({ dry_run: z.boolean() });

let gateway: FakeGateway;
let dir: string;
/** Leads that the destination has nothing of; one request takes two of them. */
let missing = 0;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-backfill-'));
  gateway = await startFakeGateway({
    'GET /api/clients/acme/destinations': () => ({ body: { data: [CRM], next_cursor: null } }),
    [`POST /api/clients/acme/destinations/${ID}/backfill`]: ({ body }) => {
      const { dry_run } = asked.parse(body);
      const count = Math.min(missing, 2);
      const remaining = missing - count;
      if (!dry_run) missing = remaining;
      return { body: { count, remaining, dry_run } };
    },
  });
});
beforeEach(() => {
  missing = 5;
});
afterAll(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = async (...args: string[]) => {
  const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't', LEADCTL_CLIENT: 'acme' };
  return runLeadctl(['destination', 'backfill', 'crm', '-o', 'json', ...args], dir, { env });
};

test('counts all that are missing, and sends nothing, in a dry run', async () => {
  const { out, code } = await run('--dry-run');
  expect([code, JSON.parse(out)]).toMatchObject([0, { destination: 'crm', count: 5 }]);
  expect(missing).toBe(5);
});

test('sends nothing before a yes, and then all, however few one request takes', async () => {
  const unasked = await run();
  expect(unasked).toMatchObject({ code: 2, out: '' });
  expect(unasked.err).toContain("Send 5 leads to 'crm' of acme?");
  expect(missing).toBe(5);
  const { out, code } = await run('--yes');
  expect([code, JSON.parse(out)]).toMatchObject([0, { count: 5, remaining: 0, dry_run: false }]);
  expect(missing).toBe(0);
});

test('asks nothing where nothing is missing', async () => {
  missing = 0;
  expect(await run()).toMatchObject({ code: 0 });
});

test('hands on what it is told of which leads', async () => {
  const filter = ['--filter', 'source=a,b', '--filter', 'field:city=Bonn'];
  await run('--since', '7d', '--until', '2026-02-28', ...filter, '--dry-run');
  expect(gateway.seen.at(-1)?.body).toMatchObject({
    until: '2026-02-28T00:00:00.000Z',
    filter: { sources: ['a', 'b'], fields: { city: 'Bonn' } },
    dry_run: true,
  });
});
