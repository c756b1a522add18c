import { expect, test } from 'vitest';
import type { ApiKey, RefusalView } from '../../daemons/lead/contract.ts';
import type { Check, Delivery, Integrations } from '../../daemons/integration/contract.ts';
import {
  checkClientStatus,
  checkKeys,
  checkRefusals,
  checkReport,
  checkStuck,
  integrationsInUse,
} from './client.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

const INTEGRATIONS: Integrations = {
  client_id: 'acme',
  whatsapp_enabled: true,
  google_sheets_enabled: false,
  google_sheet_id: null,
  meta_page_id: null,
  meta_form_id: null,
  config: {
    whatsapp: { phone_number_id: '1', waba_id: null, access_token: null, template: null },
    google_sheets: { sheet_name: null, columns: null, service_account: null },
    meta: { page_access_token: null },
  },
  version: 1,
  updated_at: null,
  held: [],
  warnings: [],
};

const key = (name: string, over: Partial<ApiKey> = {}): ApiKey => ({
  id: `id of ${name}`,
  client_id: 'acme',
  name,
  key_prefix: 'acme',
  scopes: ['leads:ingest'],
  allowed_origins: [],
  rate_limit_per_minute: null,
  created_at: NOW.toISOString(),
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  ...over,
});
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();

test('a key that ends within the week is named, one whose successor lasts is not', () => {
  const keys = [
    key('website', { expires_at: inDays(3) }),
    key('ci', { expires_at: inDays(3) }),
    key('ci'),
    key('old', { expires_at: inDays(-1) }),
    key('dead', { expires_at: inDays(2), revoked_at: inDays(-1) }),
  ];
  expect(checkKeys(keys, NOW, 'acme')).toMatchObject([
    {
      check: 'website',
      status: 'warning',
      remedy: 'leadctl key rotate id of website --overlap 24h --client acme',
    },
  ]);
  expect(checkKeys([], NOW, 'acme')).toMatchObject([{ status: 'warning' }]);
});

test('only what is in use is asked, Meta as soon as there is a source', () => {
  expect(integrationsInUse(INTEGRATIONS, [])).toEqual(['whatsapp']);
  const source = {
    id: '1',
    client_id: 'acme',
    page_id: '2',
    form_id: null,
    reconciled_until: null,
    created_at: NOW.toISOString(),
  };
  expect(integrationsInUse(INTEGRATIONS, [source])).toEqual(['whatsapp', 'meta']);
});

test('what a provider refuses keeps its remedy; what cannot be seen at Meta is said', () => {
  const refused = { name: 'page 5', status: 'failed', code: 'new', message: 'Odd.' } as const;
  const report = (check: Partial<Check>) =>
    checkReport(
      { integration: 'meta', ok: false, checks: [{ ...refused, remedy: 'See to it.', ...check }] },
      'acme',
    );
  const found = report({});
  expect(found[0]).toMatchObject({ layer: 'meta', status: 'failed', remedy: 'See to it.' });
  expect(report({ code: '190' })[0]?.remedy).toBe(
    'leadctl integration set --page-token-stdin --client acme',
  );
  expect(report({ name: 'meta_page_id', code: 'not_configured' })[0]?.remedy).toBe(
    'leadctl meta source add PAGE_ID --client acme',
  );
  expect(found.slice(1).map(({ check }) => check)).toEqual(['app_mode', 'leads_access']);
});

test('stuck deliveries are counted by their codes', () => {
  const delivery: Delivery = {
    id: '1',
    client_id: 'acme',
    lead_id: '2',
    integration: 'whatsapp',
    destination: { id: '3', name: 'whatsapp', kind: 'whatsapp' },
    occasion: 'created',
    status: 'failed',
    attempts: 3,
    last_error: { code: '131026', message: 'No.' },
    next_attempt_at: null,
    provider_reference: null,
    provider_status: null,
    created_at: NOW.toISOString(),
    updated_at: NOW.toISOString(),
    delivered_at: null,
  };
  const found = checkStuck('failed', { items: [delivery, delivery], more: true }, 'acme');
  expect(found.message).toBe('More than 2 deliveries were given up (131026).');
  expect(found.remedy).toBe('leadctl delivery replay --status failed --dry-run --client acme');
  expect(checkStuck('held', { items: [], more: false }, 'acme').status).toBe('ok');
  const again = { ...delivery, status: 'retrying' } as const;
  expect(checkStuck('retrying', { items: [again], more: false }, 'acme')).toMatchObject({
    status: 'warning',
    message: `1 delivery is being tried again, the oldest since ${NOW.toISOString()} (131026).`,
  });
  const skipped = {
    ...delivery,
    status: 'skipped',
    last_error: { code: 'no_consent', message: 'no' },
  } as const;
  expect(checkStuck('skipped', { items: [skipped], more: false }, 'acme')).toMatchObject({
    status: 'ok',
    message: expect.stringContaining('(no_consent)'),
  });
  expect(checkClientStatus({ client_id: 'acme', status: 'suspended' }).status).toBe('failed');
});

test('refused posts are counted by reason, with the last key and origin', () => {
  const refusal = (reason: string, count: number, at: string): RefusalView => ({
    api_key: { id: '1', name: 'website', key_prefix: 'acme' },
    origin: 'https://other.example',
    ip: '192.0.2.1',
    reason,
    count,
    first_at: at,
    last_at: at,
  });
  const some = [
    refusal('origin_not_allowed', 10, '2026-03-01T11:00:00.000Z'),
    refusal('validation_failed', 2, '2026-03-01T10:00:00.000Z'),
    refusal('origin_not_allowed', 1, '2026-03-01T09:00:00.000Z'),
  ];
  expect(checkRefusals(some, 'acme')).toMatchObject({
    status: 'warning',
    message:
      '13 posts were refused (origin_not_allowed 11, validation_failed 2), the last with the key "website" from https://other.example in the last day.',
    remedy: 'leadctl refusals --client acme',
  });
  expect(checkRefusals([], 'acme').status).toBe('ok');
});
