import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import type { Identity } from '../../../lib/identity/identity.ts';
import { aClient, aMembership } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';
import { follow, type Follower } from './testing.ts';

const STREAMS = 50;
const LEADS = 500;
const CALLERS = 20;

let bench: LeadBench;
beforeAll(async () => {
  bench = await openLeadBench();
});
afterAll(() => bench.stop());

/** Sends so many leads, some at a time, and gives their ids. */
async function burst(key: string, leads: number, pauseMs = 0): Promise<string[]> {
  const ids: string[] = [];
  let sent = 0;
  const call = async (): Promise<void> => {
    while (sent < leads) {
      sent += 1;
      const { body } = await bench.postLead(key, { name: `Lead ${sent}` });
      ids.push(String(body['id']));
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  return ids;
}

/** Leads with answers of their own that are large, all at once. */
async function largeLeads(clientId: ClientId, count: number, bytes: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await bench.db.query(
    `WITH lead AS (INSERT INTO leads (id, client_id, name, source, raw_payload, consent, created_at, updated_at)
       SELECT id, $2, 'Large', 'test', '{}', to_jsonb(repeat('x', $3)), now(), now()
       FROM unnest($1::uuid[]) AS id RETURNING id)
     INSERT INTO events (client_id, lead_id, kind) SELECT $2, id, 'lead.created' FROM lead`,
    [ids, clientId, bytes],
  );
  return ids;
}

test('fifty who follow get each of five hundred leads once, and soon', async () => {
  const client = await aClient(bench.db);
  const key = await bench.keyFor(client);
  const root = await aMembership(bench.db, { client });
  const rep = await aMembership(bench.db, { reportsTo: root });
  const followers = await Promise.all(
    Array.from({ length: STREAMS }, (_, nth) =>
      follow(bench, client, { identity: nth % 2 === 0 ? asAdmin() : asMember(root) }),
    ),
  );
  const repsOwn = await follow(bench, client, { identity: asMember(rep) });

  const ids = (await burst(key, LEADS)).toSorted();

  const everyone = () => followers.every(({ leadIds }) => leadIds.length >= LEADS);
  await expect.poll(everyone, { timeout: 5_000 }).toBe(true);
  for (const { leadIds } of followers) expect(leadIds.toSorted()).toEqual(ids);
  expect(repsOwn.leadIds).toEqual([]);
  for (const follower of [...followers, repsOwn]) follower.close();
}, 30_000);

test('whoever is cut off again and again under load misses nothing and gets nothing twice', async () => {
  const client = await aClient(bench.db);
  const key = await bench.keyFor(client);
  const root = await aMembership(bench.db, { client });
  const first = await follow(bench, client, { identity: asAdmin() });
  const start = first.lastId();
  first.close();

  const sent = new AbortController();
  const sending = burst(key, LEADS, 20).finally(() => sent.abort());
  const restless = async (identity: Identity): Promise<string[]> => {
    const got: string[] = [];
    let lastEventId = start;
    const readFor = async (ms: number): Promise<Follower> => {
      const follower = await follow(bench, client, { identity, lastEventId });
      await sleep(ms);
      return follower;
    };
    while (!sent.signal.aborted) {
      const follower = await readFor(5 + Math.random() * 60);
      follower.close();
      got.push(...follower.leadIds);
      lastEventId = follower.lastId();
    }
    const last = await readFor(0);
    await expect
      .poll(() => got.length + last.leadIds.length, { timeout: 5_000 })
      .toBeGreaterThanOrEqual(LEADS);
    last.close();
    return [...got, ...last.leadIds];
  };
  const identities = [asAdmin(), asAdmin(), asMember(root), asMember(root)];
  const [ids, ...gotten] = await Promise.all([sending, ...identities.map(restless)]);
  for (const got of gotten) expect(got.toSorted()).toEqual(ids.toSorted());
}, 30_000);

test('whoever does not read is cut off, and resumes with nothing missed', async () => {
  const client = await aClient(bench.db);
  const slow = await follow(bench, client, { identity: asAdmin() });
  const quick = await follow(bench, client, { identity: asAdmin() });
  slow.pause();
  const ids: string[] = [];
  for (let nth = 0; nth < 6; nth += 1) {
    ids.push(...(await largeLeads(client.clientId, 50, 100_000)));
    await expect.poll(() => quick.leadIds.length, { timeout: 10_000 }).toBe(ids.length);
  }
  slow.resume();
  await expect.poll(() => slow.isEnded(), { timeout: 5_000 }).toBe(true);
  expect(slow.leadIds.length).toBeLessThan(ids.length);

  const again = await follow(bench, client, {
    identity: asAdmin(),
    lastEventId: slow.lastId(),
  });
  const both = () => slow.leadIds.length + again.leadIds.length;
  await expect.poll(both, { timeout: 10_000 }).toBe(ids.length);
  expect([...slow.leadIds, ...again.leadIds].toSorted()).toEqual(ids.toSorted());
  expect(quick.isEnded()).toBe(false);
  quick.close();
  again.close();
}, 40_000);
