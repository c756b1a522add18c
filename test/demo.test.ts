import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../bin/manifest/testing/platform.ts';
import { DEMO_CLIENT, provisionDemo } from '../bin/up/provision-demo.ts';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startTestPlatform();
}, 60_000);
afterAll(() => platform.stop());

async function ingest(key: string): Promise<number> {
  const response = await fetch(`${platform.url}/api/leads/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  return response.status;
}

test('the demo can be provisioned again after its key was lost, and makes nothing twice', async () => {
  const first = await provisionDemo(platform.url, platform.admin);
  expect(await ingest(first)).toBe(201);
  const second = await provisionDemo(platform.url, platform.admin);
  expect(second).not.toBe(first);
  expect(await ingest(second)).toBe(201);
  const { out } = await platform.run(['export', DEMO_CLIENT, '-o', 'json']);
  const { clients, roles } = JSON.parse(out);
  expect(clients).toMatchObject([
    {
      members: [
        { email: 'boss@acme.example' },
        { email: 'lead@acme.example', reports_to: 'boss@acme.example' },
        { email: 'rep@acme.example', reports_to: 'lead@acme.example' },
      ],
      api_keys: [{ name: 'website' }],
      meta_sources: [{ page_id: '200000000000001' }],
      integrations: { whatsapp_enabled: true, google_sheets_enabled: true },
      destinations: [
        { name: 'crm', kind: 'webhook' },
        { name: 'sales-mail', kind: 'email' },
        { name: 'sales-channel', kind: 'slack' },
      ],
    },
  ]);
  expect(roles).toContainEqual(
    expect.objectContaining({ name: 'manager', grants: ['* /api/clients/{client_id}/**'] }),
  );
}, 60_000);
