import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { makeFakeAccount } from '../../lib/providers/testing/fake-google.ts';
import { accessToken, type Platform } from '../platform.ts';

const counts = z.object({ by_status: z.object({ delivered: z.number() }) });
const page = z.object({
  data: z.array(z.looseObject({ id: z.string() })),
  next_cursor: z.string().nullable(),
});
const delivery = z.looseObject({ id: z.string(), status: z.string(), attempts: z.int() });
const fault = z.object({ data: z.array(z.object({ hits: z.int() })) });

const OPEN_STATUSES = ['pending', 'delivering', 'retrying', 'unknown', 'held', 'failed'] as const;

/** A running platform as its operator and its sandbox's owner use it, over HTTP alone. */
export async function createBench(platform: Platform) {
  const { gateway, sandbox } = platform.ready;
  const token = await accessToken(gateway);

  const send = async (url: string, method: string, body?: unknown, headers = {}) => {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return parsed;
  };
  const api = (method: string, path: string, body?: unknown) =>
    send(`${gateway}/api${path}`, method, body, { authorization: `Bearer ${token}` });
  const control = (method: string, path: string, body?: unknown) =>
    send(`${sandbox}/_sandbox${path}`, method, body);

  const listAll = async (path: string) => {
    const found: z.output<typeof page>['data'] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = page.parse(await api('GET', `${path}limit=200${more}`));
      found.push(...answer.data);
      cursor = answer.next_cursor;
    }
    return found;
  };

  return {
    token,
    api,
    control,
    listAll,

    /** A client with these integrations and an API key, whose value is returned. */
    async client(clientId: string, integrations: object): Promise<string> {
      await api('POST', '/clients', { client_id: clientId, name: clientId });
      await api('PUT', `/clients/${clientId}/integrations?lint=false`, integrations);
      const key = await api('POST', `/clients/${clientId}/api-keys`, {
        name: 'test',
        rate_limit_per_minute: null,
      });
      return z.object({ key: z.string() }).parse(key).key;
    },

    /** Leads with a number each, stored when it resolves. */
    async batch(key: string, count: number, from: number): Promise<void> {
      const leads = Array.from({ length: count }, (_none, index) => ({
        name: `Lead ${from + index}`,
        phone: `+49151${10_000_000 + from + index}`,
      }));
      await send(`${gateway}/api/leads/ingest/batch`, 'POST', { leads }, { 'x-api-key': key });
    },

    async lead(key: string, number: number): Promise<{ id: string; created_at: string }> {
      const lead = { name: 'Ada', phone: `+49151${10_000_000 + number}` };
      const stored = await send(`${gateway}/api/leads/ingest`, 'POST', lead, { 'x-api-key': key });
      return z.object({ id: z.string(), created_at: z.string() }).parse(stored);
    },

    deliveries: async (clientId: string) =>
      z.array(delivery).parse(await listAll(`/clients/${clientId}/deliveries?`)),

    /** Counted, since a lead whose delivery is not made yet is not in any open state either. */
    async isAllDelivered(clientId: string, count: number): Promise<boolean> {
      for (const status of OPEN_STATUSES) {
        const path = `/clients/${clientId}/deliveries?status=${status}&limit=1`;
        if (page.parse(await api('GET', path)).data.length > 0) return false;
      }
      const summary = counts.parse(await api('GET', `/clients/${clientId}/deliveries/summary`));
      return summary.by_status.delivered === count;
    },

    async faultHits(): Promise<number> {
      const { data } = fault.parse(await control('GET', '/faults'));
      return data.reduce((sum, { hits }) => sum + hits, 0);
    },

    async until(done: () => Promise<boolean>, withinMs: number): Promise<void> {
      const endMs = Date.now() + withinMs;
      while (!(await done())) {
        if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms`);
        await sleep(200);
      }
    },
  };
}
export type Bench = Awaited<ReturnType<typeof createBench>>;

export const whatsApp = (phoneNumberId: string, accessTokenOfIt = 'a-good-token') => ({
  whatsapp_enabled: true,
  config: {
    whatsapp: {
      phone_number_id: phoneNumberId,
      access_token: accessTokenOfIt,
      template: { name: 'new_lead', language: 'en_US', parameters: ['name'] },
    },
  },
});

export function googleSheets(sheetId: string) {
  const { account } = makeFakeAccount();
  return {
    google_sheets_enabled: true,
    google_sheet_id: sheetId,
    config: {
      google_sheets: {
        service_account: JSON.stringify({
          type: 'service_account',
          client_email: account.email,
          private_key: account.privateKey,
        }),
      },
    },
  };
}
