import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../lib/core/ids.ts';
import { aClient, aMembership, type TestClient } from '../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../lib/testing/identities.ts';
import { openLeadBench, type LeadBench } from './testing/bench.ts';

let bench: LeadBench;
let client: TestClient;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
});
afterAll(() => bench.stop());

async function aLead(secondsAgo: number, assignee: string | null = null): Promise<void> {
  await bench.db.query(
    `INSERT INTO leads (id, client_id, source, raw_payload, assigned_to_user_client_id, created_at, updated_at)
     VALUES ($1, $2, 'website', '{}', $3, now() - make_interval(secs => $4), now())`,
    [newId(), client.clientId, assignee, secondsAgo],
  );
}

test('counts the leads of each minute, of the actor’s part of the hierarchy alone', async () => {
  const boss = await aMembership(bench.db, { client });
  const rep = await aMembership(bench.db, { reportsTo: boss });
  for (const secondsAgo of [5, 10, 70, 3_570]) await aLead(secondsAgo);
  await aLead(130, rep.id);
  await aLead(7_200);
  const params = { client_id: client.clientId };
  const seen = async (identity: Parameters<typeof bench.daemon.client>[0]) => {
    const answer = await bench.daemon.client(identity).call('summariseLeads', { params });
    if (!answer.ok) throw new Error(answer.problem.detail);
    const { per_minute: counts, total } = answer.body;
    return [counts.length, counts[0], ...counts.slice(-3), total];
  };
  expect(await seen(asAdmin())).toEqual([60, 1, 1, 1, 2, 5]);
  expect(await seen(asMember(boss))).toEqual([60, 1, 1, 1, 2, 5]);
  expect(await seen(asMember(rep))).toEqual([60, 0, 1, 0, 0, 1]);
});
