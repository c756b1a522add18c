import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { anonymous } from '../../../lib/identity/identity.ts';
import { aClient } from '../../../lib/testing/factories.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import { arbitraryLead } from '../testing/arbitrary-lead.ts';
import { openLeadBench, readJson, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;

beforeAll(async () => {
  bench = await openLeadBench();
});
afterAll(() => bench.stop());

const LEADS = 1_000;
const AT_ONCE = 20;

/** Runs `work` for all of `items`, so many at once. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  }
  return results;
}

const page = z.object({
  data: z.array(z.object({ id: z.string(), raw_payload: z.unknown() })),
  next_cursor: z.string().nullable(),
});

/** Walks a list to its end, as an export does: ids of all that it shows. */
async function walk(path: string, headers: () => Record<string, string>): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const response = await fetch(`${bench.daemon.url}${path}?limit=100${from}`, {
      headers: headers(),
    });
    expect(response.status).toBe(200);
    const { data, next_cursor } = page.parse(await response.json());
    ids.push(...data.map(({ id }) => id));
    cursor = next_cursor;
  }
  return ids;
}

test('a thousand leads of any kind are accepted, listed, read, changed and exported', async () => {
  const client = await aClient(bench.db);
  const key = await bench.keyFor(client, { scopes: ['leads:ingest', 'leads:read'] });
  const leads = fc.sample(arbitraryLead, LEADS);
  const accepted = await inTurns(leads, async ({ contentType, body }) => {
    const response = await bench.post(body, { 'content-type': contentType, 'x-api-key': key });
    const answer = await readJson(response);
    if (response.status !== 201 && response.status !== 200) {
      throw new Error(`${JSON.stringify(answer)} to ${Buffer.from(body).toString().slice(0, 500)}`);
    }
    return z.string().parse(answer['id']);
  });
  const ids = new Set(accepted).size;
  // What the gateway vouches for holds for half a minute.
  const admin = () => bench.daemon.vouchFor(asAdmin());
  const ofClient = `/clients/${client.clientId}/leads`;
  const byKey = () => ({ ...bench.daemon.vouchFor(anonymous), 'x-api-key': key });

  expect(new Set(await walk(ofClient, admin)).size).toBe(ids);
  expect(new Set(await walk('/leads', byKey)).size).toBe(ids);
  const statuses = await inTurns(accepted, async (id) => {
    const own = { headers: { ...admin(), 'content-type': 'application/json' } };
    const patch = { ...own, method: 'PATCH', body: '{"status":"contacted"}' };
    const answers = [
      await fetch(`${bench.daemon.url}${ofClient}/${id}`, own),
      await fetch(`${bench.daemon.url}${ofClient}/${id}`, patch),
      await fetch(`${bench.daemon.url}${ofClient}/${id}/timeline`, own),
      await fetch(`${bench.daemon.url}/leads/${id}`, { headers: byKey() }),
    ];
    for (const answer of answers) JSON.parse(await answer.text());
    return answers.map(({ status }) => status);
  });
  expect(new Set(statuses.flat())).toEqual(new Set([200]));
}, 120_000);
