import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { aClient, aMembership, type TestClient } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import type { Identity } from '../../../lib/identity/identity.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let client: TestClient;
let key: string;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
  key = await bench.keyFor(client);
});
afterAll(() => bench.stop());

interface Follower {
  /** Resolves with the stream's whole text once it holds `text`. */
  until(text: string): Promise<string>;
  lastId(): string;
  close(): void;
}

async function follow(identity: Identity, lastEventId?: string): Promise<Follower> {
  const closing = new AbortController();
  const response = await fetch(`${bench.daemon.url}/clients/${client.clientId}/leads/stream`, {
    headers: {
      ...bench.daemon.vouchFor(identity),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: closing.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let received = '';
  const reading = (async () => {
    for await (const chunk of response.body ?? []) received += Buffer.from(chunk).toString('utf8');
  })().catch(() => undefined);
  return {
    async until(text) {
      await expect.poll(() => received, { timeout: 5_000 }).toContain(text);
      return received;
    },
    lastId: () => [...received.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '',
    close() {
      closing.abort();
      void reading;
    },
  };
}

const storeLead = async (name: string): Promise<string> => {
  const { body } = await bench.postLead(key, { name });
  return String(body['id']);
};

test('a lead shows on the stream when it is stored', async () => {
  const follower = await follow(asAdmin());
  await follower.until('following');
  const id = await storeLead('Live');
  const text = await follower.until(id);
  expect(text).toContain('event: lead.created');
  follower.close();
});

test('resuming misses nothing and repeats nothing', async () => {
  const first = await follow(asAdmin());
  await first.until('following');
  const before = await storeLead('Before');
  await first.until(before);
  first.close();
  const missed = await Promise.all([storeLead('Gap 1'), storeLead('Gap 2'), storeLead('Gap 3')]);
  const second = await follow(asAdmin(), first.lastId());
  for (const id of missed) await second.until(id);
  const after = await storeLead('After');
  const text = await second.until(after);
  for (const id of [...missed, after]) {
    expect(text.split(`"lead_id":"${id}"`)).toHaveLength(2);
  }
  expect(text).not.toContain(before);
  second.close();
});

test('a made-up position is refused', async () => {
  const response = await fetch(`${bench.daemon.url}/clients/${client.clientId}/leads/stream`, {
    headers: { ...bench.daemon.vouchFor(asAdmin()), 'last-event-id': 'yesterday' },
  });
  expect(response.status).toBe(422);
});

test('a member sees on it what is theirs, and nothing of the others', async () => {
  const boss = await aMembership(bench.db, { client });
  const rep = await aMembership(bench.db, { reportsTo: boss });
  const follower = await follow(asMember(rep));
  await follower.until('following');
  const unassigned = await storeLead('Nobody’s');
  const own = newId();
  await bench.db.query(
    `WITH lead AS (INSERT INTO leads (id, client_id, name, source, raw_payload, created_at, updated_at,
       assigned_to_user_client_id) VALUES ($1, $2, 'Own', 'test', '{}', now(), now(), $3)
       RETURNING id, client_id)
     INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM lead`,
    [own, client.clientId, rep.id],
  );
  expect(await follower.until(own)).not.toContain(unassigned);
  follower.close();
});
