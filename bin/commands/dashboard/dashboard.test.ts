import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type FakeAnswer,
  type FakeGateway,
  problemAnswer,
  startFakeGateway,
} from '../../testing/fake-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

const at = '2026-03-01T12:00:00.000Z';
const id = '01a20c99-a3b9-779a-a84c-e2de54a4490e';
const lead = {
  id,
  client_id: 'acme',
  name: 'Mia Muster',
  email: 'mia@acme.example',
  phone: null,
  phone_valid: null,
  source: 'website',
  lead_reference_id: null,
  product_id: null,
  consent: null,
  status: 'new',
  assigned_to_user_client_id: null,
  warnings: [],
  raw_payload: { name: 'Mia Muster' },
  created_at: at,
  updated_at: at,
  erased_at: null,
};
const lane = {
  lane: 'acme/whatsapp/1',
  integration: 'whatsapp',
  destination: { id: '1', name: 'whatsapp', kind: 'whatsapp' },
  account: '1',
  waiting: 3,
  held_at: at,
  held_code: '190',
  held_message: 'the token of +49 151 12345123 is dead',
  recheck_at: null,
  paused_until: null,
};
const counts = {
  pending: 0,
  delivering: 0,
  delivered: 5,
  retrying: 0,
  unknown: 0,
  failed: 2,
  held: 3,
  skipped: 0,
};

const refusal = {
  api_key: { id, name: 'website', key_prefix: 'acme' },
  origin: null,
  ip: '192.0.2.1',
  reason: 'validation_failed',
  count: 6,
  first_at: at,
  last_at: at,
};

let dir: string;
let gateway: FakeGateway;
let deliveries: FakeAnswer;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-dashboard-'));
  deliveries = { body: { since: at, by_status: counts, lanes: [lane] } };
  const client = { client_id: 'acme', name: 'Acme', status: 'active', default_country: null };
  const leads = { body: { at, per_minute: [1, 2, 4], total: 7 } };
  gateway = await startFakeGateway({
    'GET /ready': () => ({
      status: 503,
      body: {
        status: 'unavailable',
        checks: { lead: { status: 'ok' }, worker: { status: 'failed' } },
      },
    }),
    'GET /api/auth/me': () => ({
      body: {
        id,
        email: 'a@b.example',
        is_admin: true,
        status: 'active',
        email_proven: true,
        has_totp: false,
        phone: null,
        memberships: [],
      },
    }),
    'GET /api/clients': () => ({
      body: {
        data: ['acme', 'gone'].map((client_id) => ({
          ...client,
          client_id,
          created_at: at,
          updated_at: at,
        })),
        next_cursor: 'more',
      },
    }),
    'GET /api/clients/acme/leads/summary': () => leads,
    'GET /api/clients/acme/leads': () => ({ body: { data: [lead], next_cursor: null } }),
    'GET /api/clients/acme/deliveries/summary': () => deliveries,
    'GET /api/clients/acme/refusals': () => ({ body: { data: [refusal], next_cursor: null } }),
  });
});

afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Ran> =>
  runLeadctl(['dashboard', ...args], dir, {
    env: { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't' },
  });

describe('leadctl dashboard off a terminal', () => {
  it('prints one document of how a client stands, masked unless --reveal', async () => {
    const { code, out } = await run('--client', 'acme', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ready: false,
      clients: [
        {
          client_id: 'acme',
          leads: { total: 7 },
          deliveries: { by_status: { held: 3 }, lanes: [{ held_code: '190' }] },
          newest: [{ id, email: 'm***@acme.example' }],
        },
      ],
    });
    expect(out).not.toMatch(/Muster|12345123/);
    expect((await run('--client', 'acme', '-o', 'json', '--reveal')).out).toContain('Mia Muster');
  });

  it('lists the clients one sees when none is named; one that is gone spoils nothing', async () => {
    const { code, out, err } = await run('-o', 'csv');
    expect(code).toBe(0);
    expect(out.split('\n')[1]).toMatch(/^"acme",4,7,0,0,0,2,3,5,6,"whatsapp 1","190/);
    expect(out.split('\n')[2]).toMatch(/^"gone",,,/);
    expect(err).toContain('Down: worker');
    expect(err).toContain('more clients');
  });

  it('shows the rest when a part is forbidden, and fails when the client is not there', async () => {
    deliveries = problemAnswer('forbidden');
    const partial = JSON.parse((await run('--client', 'acme', '-o', 'json')).out);
    expect(partial.clients[0]).toMatchObject({ deliveries: null, leads: { total: 7 } });
    expect(partial.clients[0].problems[0]).toMatch(/^deliveries: /);
    expect(await run('--client', 'gone')).toMatchObject({ code: 5, out: '' });
  });
});
