import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { type RealGateway, startRealGateway } from '../../testing/real-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

let dir: string;
let database: TestDatabase;
let gateway: RealGateway;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-lead-set-'));
  database = await createTestDatabase();
  gateway = await startRealGateway(database);
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

function run(...args: string[]): Promise<Ran> {
  const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: gateway.token, LEADCTL_CLIENT: 'acme' };
  return runLeadctl(args, dir, { env, now: () => new Date() });
}

async function aLead(key: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/api/leads/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ name: 'Mia Muster', email: 'mia@acme.example', phone: 'wrong' }),
  });
  const { id }: { id: string } = JSON.parse(await answer.text());
  return id;
}

describe('leadctl lead set', () => {
  it('corrects a contact, and trace tells by whom and what was there before', async () => {
    const { out } = await run('key', 'create', 'website', '-o', 'name');
    const id = await aLead(out.trim());
    const set = ['lead', 'set', id, '--phone', '+49 151 12345678', '--email', '', '-o', 'json'];
    expect(JSON.parse((await run(...set, '--reveal')).out)).toMatchObject({
      name: 'Mia Muster',
      email: null,
      phone: '+4915112345678',
      phone_valid: true,
    });
    const trace = JSON.parse((await run('lead', 'trace', id, '--reveal', '-o', 'json')).out);
    expect(trace).toMatchObject([
      { kind: 'received', actor: { kind: 'api_key', name: 'website' } },
      {
        kind: 'corrected',
        detail: { email: ['mia@acme.example', null], phone: ['wrong', '+4915112345678'] },
        actor: { kind: 'administrator', name: 'admin@example.com' },
      },
    ]);
    const masked = (await run('lead', 'trace', id)).out;
    expect(masked).toContain('API key website');
    expect(masked).toContain('admin@example.com (administrator)');
    expect(masked).not.toMatch(/mia@|4915112345678/);
  });

  it('wants something to change', async () => {
    const ran = await run('lead', 'set', '019a0000-0000-7000-8000-000000000000');
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('Nothing to change')]);
  });
});

describe('leadctl refusals', () => {
  it('shows what was not taken, by the key’s name', async () => {
    const { out } = await run('key', 'create', 'forms', '-o', 'name');
    for (let nth = 0; nth < 2; nth += 1) {
      const refused = await fetch(`${gateway.url}/api/leads/ingest`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': out.trim() },
        body: '{"message":"no contact"}',
      });
      expect(refused.status).toBe(422);
    }
    const counts = async () => {
      const ran = await run('refusals', '--since', '1h', '-o', 'csv');
      return ran.out.split('\n').find((line) => line.includes('"forms"'));
    };
    await expect
      .poll(counts, { timeout: 10_000, interval: 100 })
      .toMatch(/^2,"validation_failed","forms",,"127\.0\.0\.1","20/);
  });
});

describe('leadctl lead ls', () => {
  it('heads a time as a time where it shows one', async () => {
    const csv = await run('lead', 'ls', '-o', 'csv');
    expect(csv.out).toMatch(/^id,created_at,/);
    expect((await run('lead', 'ls', '-o', 'wide')).out).toMatch(/^ID\s+CREATED AT/);
    expect((await run('lead', 'ls')).out).toMatch(/^ID\s+AGE/);
  });
});
