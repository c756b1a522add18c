import type { ClaimedDelivery, Lane } from '../sending/model.ts';
import type { People } from '../sending/people.ts';
import { fieldsOf } from '../sending/fields.ts';

const LANE: Lane = {
  lane_key: 'acme/d1/account',
  client_id: 'acme',
  destination_id: '019a0000-0000-7000-8000-00000000000d',
  name: 'crm',
  kind: 'a kind',
  account: 'account',
};

const DELIVERY: Omit<ClaimedDelivery, 'settings'> = {
  id: '019a0000-0000-7000-8000-000000000001',
  attempt: 1,
  round_attempt: 1,
  round_age_ms: 0,
  is_doubtful: false,
  occasion: 'created',
  settings_version: 1,
  lead: {
    id: '019a0000-0000-7000-8000-000000000002',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    phone: '+442079460000',
    phone_valid: true,
    source: 'website',
    status: 'new',
    product: 'Engine',
    lead_reference_id: null,
    created_at: new Date('2026-01-02T03:04:05.678Z'),
    is_erased: false,
  },
  payload: '{"full_name":"Ada Lovelace","budget":12345678901234567890,"note":"call me"}',
};

export interface Given {
  readonly occasion?: string;
  readonly lead?: Partial<ClaimedDelivery['lead']>;
  readonly payload?: string;
  readonly people?: Partial<People>;
}

/** What a kind that sends its deliveries one by one is given to render. */
export function owed<Settings>(settings: Settings, given: Given = {}) {
  const { lead, people, ...rest } = given;
  const delivery = { ...DELIVERY, ...rest, settings, lead: { ...DELIVERY.lead, ...lead } };
  return {
    lane: LANE,
    delivery,
    settings,
    fields: fieldsOf(delivery),
    people: { assignee: null, manager: null, ...people },
  };
}

/** A check's subject with its secrets in clear; one that is not given counts as not set. */
export function checked(settings: unknown, secrets: Readonly<Record<string, string>> = {}) {
  return {
    settings,
    signal: new AbortController().signal,
    secret(name: string) {
      const secret = secrets[name];
      if (secret !== undefined) return { secret };
      const check = { name, status: 'failed', code: 'not_configured', message: '', remedy: '' };
      return { check: { ...check, status: 'failed' as const } };
    },
  };
}
