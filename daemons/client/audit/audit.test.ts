import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { aMembership } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { clientContract, type AuditFilters, type ClientContract } from '../contract.ts';
import { createClientDaemon } from '../daemon.ts';

let bench: TestBench<ClientContract>;

beforeAll(async () => {
  bench = await openTestBench({ contract: clientContract, create: createClientDaemon });
});

afterAll(() => bench.stop());

async function anEntry(given: {
  clientId: string | null;
  action?: string;
  actorId?: string;
  targetId?: string;
  at?: string;
}): Promise<string> {
  const id = newId();
  await bench.db.query(
    `INSERT INTO audit_log (id, at, client_id, actor_kind, actor_id, action, target_kind, target_id)
     VALUES ($1, coalesce($2::timestamptz, now()), $3, 'user', $4, $5, 'lead', $6)`,
    [
      id,
      given.at ?? null,
      given.clientId,
      given.actorId ?? 'ada',
      given.action ?? 'lead.update',
      given.targetId ?? 'l1',
    ],
  );
  return id;
}

async function idsOfClient(
  identity: ReturnType<typeof asMember>,
  clientId: string,
  query: Partial<AuditFilters>,
): Promise<string[]> {
  const listed = await bench.daemon
    .client(identity)
    .call('listClientAudit', { params: { client_id: clientId }, query });
  if (!listed.ok) throw new Error(listed.problem.detail);
  return listed.body.data.map(({ id }) => id);
}

test('a client’s log shows its own entries, newest first, and an admin’s shows all', async () => {
  const [member, other] = [await aMembership(bench.db), await aMembership(bench.db)];
  const first = await anEntry({ clientId: member.clientId });
  const foreign = await anEntry({ clientId: other.clientId });
  const nobodys = await anEntry({ clientId: null });
  const second = await anEntry({ clientId: member.clientId });
  expect(await idsOfClient(asMember(member), member.clientId, {})).toEqual([second, first]);
  const all = await bench.daemon.client(asAdmin()).call('listAudit', { query: { limit: 4 } });
  expect(all).toMatchObject({
    ok: true,
    body: { data: [second, nobodys, foreign, first].map((id) => ({ id })) },
  });
});

test('pages go through it once, and a made-up cursor is the caller’s mistake', async () => {
  const member = await aMembership(bench.db);
  const { clientId } = member;
  const entries = [];
  for (let made = 0; made < 5; made += 1) entries.unshift(await anEntry({ clientId }));
  const api = bench.daemon.client(asMember(member));
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 3; page += 1) {
    const listed = await api.call('listClientAudit', {
      params: { client_id: clientId },
      query: { limit: 2, cursor },
    });
    if (!listed.ok) throw new Error(listed.problem.detail);
    seen.push(...listed.body.data.map(({ id }) => id));
    cursor = listed.body.next_cursor ?? undefined;
  }
  expect(seen).toEqual(entries);
  expect(cursor).toBeUndefined();
  const forged = Buffer.from('["1; DROP"]').toString('base64url');
  const refused = await api.call('listClientAudit', {
    params: { client_id: clientId },
    query: { cursor: forged },
  });
  expect(refused).toMatchObject({
    ok: false,
    problem: { status: 422, errors: [{ path: 'query.cursor' }] },
  });
});

test('each filter narrows it: actor, action, target, from `since` on and before `until`', async () => {
  const member = await aMembership(bench.db);
  const { clientId } = member;
  const at = '2026-01-01T00:00:00.000Z';
  const old = await anEntry({ clientId, at, actorId: 'bob', action: 'lead.erase', targetId: 'l2' });
  const recent = await anEntry({ clientId, at: '2026-01-02T00:00:00.000Z' });
  const ids = (query: Partial<AuditFilters>) => idsOfClient(asMember(member), clientId, query);
  expect(await ids({ actor_id: 'bob' })).toEqual([old]);
  expect(await ids({ action: 'lead.erase' })).toEqual([old]);
  expect(await ids({ actor_kind: 'user' })).toEqual([recent, old]);
  expect(await ids({ actor_kind: 'anonymous' })).toEqual([]);
  expect(await ids({ target_id: 'l2' })).toEqual([old]);
  expect(await ids({ target_kind: 'lead' })).toEqual([recent, old]);
  expect(await ids({ target_kind: 'role' })).toEqual([]);
  expect(await ids({ since: '2026-01-02T00:00:00.000Z' })).toEqual([recent]);
  expect(await ids({ until: '2026-01-02T00:00:00.000Z' })).toEqual([old]);
});

test('nobody reads another client’s log', async () => {
  const [member, other] = [await aMembership(bench.db), await aMembership(bench.db)];
  const refused = await bench.daemon
    .client(asMember(member))
    .call('listClientAudit', { params: { client_id: other.clientId } });
  expect(refused).toMatchObject({ ok: false, problem: { status: 404 } });
});
