import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import { aMembership } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { systemClock } from '../../../lib/core/clock.ts';
import type { ReconcileReport } from '../contract.ts';
import { graphError, type GraphLead } from '../testing/fake-graph.ts';
import { never, startProcessingKit, type ProcessingKit } from '../testing/processing.ts';
import { createReconciler, type Reconciler, type ReconcileOptions } from './reconciler.ts';

let kit: ProcessingKit;
let reconciler: Reconciler;
const MINUTE_MS = 60_000;
const START_MS = Date.now() - 10 * 24 * 60 * MINUTE_MS;

beforeAll(async () => {
  kit = await startProcessingKit();
  reconciler = createReconciler({ ...kit.reading, clock: systemClock });
});
afterAll(() => kit.stop());
beforeEach(() => {
  kit.graph.interfere(undefined);
  kit.alerts.length = 0;
});

/** Leads of a form, a minute apart. */
const leadsAt = (formId: string, count: number, fromMs = START_MS): GraphLead[] =>
  Array.from({ length: count }, (_none, index) =>
    kit.aLead({ form_id: formId, createdMs: fromMs + index * MINUTE_MS }),
  );

async function aSource(form?: string): Promise<{ clientId: ClientId; id: string; page: string }> {
  const [id, page] = [newId(), newId()];
  const clientId = await kit.aMetaClient({ sources: [{ id, page, ...(form ? { form } : {}) }] });
  return { clientId, id, page };
}

async function run(
  source: { clientId: ClientId; id: string },
  options: Partial<ReconcileOptions> = {},
): Promise<ReconcileReport> {
  const report = await reconciler.reconcile(source.clientId, source.id, {
    budgetMs: 20_000,
    ...options,
  });
  if ('detail' in report) throw new Error(report.detail);
  return report;
}

const referencesOf = async (clientId: string) =>
  (await kit.leadsOf(clientId)).map((row) => row['lead_reference_id']);
const cursorOf = async ({ id }: { id: string }) => {
  const [row] = await kit.rows('SELECT reconciled_until FROM meta_sources WHERE id = $1', [id]);
  return row?.['reconciled_until'];
};

describe('after one reconcile', () => {
  test('of a form that lost 30 % of its webhooks nothing is missing and nothing doubled', async () => {
    const source = await aSource('lossy');
    const leads = leadsAt('lossy', 100);
    const arrived = leads.filter((_lead, index) => index % 10 >= 3);
    await kit.notify(source.page, arrived);
    await kit.work();
    expect(await kit.leadsOf(source.clientId)).toHaveLength(70);

    const report = await run(source);
    expect(report).toMatchObject({
      checked: 100,
      missing: 30,
      filled: 30,
      failed: [],
      stopped: null,
      continuation: null,
    });
    const all = leads.map(({ id }) => id).toSorted();
    expect(await referencesOf(source.clientId)).toEqual(all);
    expect(await run(source)).toMatchObject({ missing: 0, filled: 0 });
    // The lost webhooks come after all.
    await kit.notify(source.page, leads);
    await kit.work();
    expect(await referencesOf(source.clientId)).toEqual(all);
    const created = await kit.rows(
      "SELECT count(*)::int AS n FROM events WHERE client_id = $1 AND kind = 'lead.created'",
      [source.clientId],
    );
    expect(created).toEqual([{ n: 100 }]);
  });

  test('while webhooks are worked on and others reconcile, each lead is one', async () => {
    const source = await aSource('race');
    const leads = leadsAt('race', 40);
    await kit.notify(source.page, leads);
    await Promise.all([
      run(source),
      run(source),
      kit.processor.run(never),
      kit.aProcessor().run(never),
    ]);
    expect(await referencesOf(source.clientId)).toEqual(leads.map(({ id }) => id).toSorted());
  });

  test('events that were given up, held or unmapped owe nothing any more', async () => {
    const source = await aSource('settle');
    const leads = leadsAt('settle', 3);
    await kit.notify(source.page, leads);
    await kit.rows(
      `UPDATE webhook_events SET status = CASE leadgen_id WHEN $1 THEN 'failed' WHEN $2 THEN 'held' ELSE 'unmapped' END,
         held_by = CASE leadgen_id WHEN $2 THEN 'event' END WHERE leadgen_id = ANY($3)`,
      [leads[0]?.id, leads[1]?.id, leads.map(({ id }) => id)],
    );
    await run(source);
    for (const { id } of leads) {
      expect(await kit.eventOf(id)).toMatchObject({
        status: 'processed',
        client_id: source.clientId,
      });
    }
  });
});

describe('the cursor', () => {
  test("is the newest lead's own time, and the next run starts an hour before it", async () => {
    const source = await aSource('cursor');
    const [, , last] = leadsAt('cursor', 3);
    const report = await run(source);
    const newest = new Date(last?.createdMs ?? 0);
    expect(report.reconciled_until).toBe(
      new Date(Math.floor(newest.getTime() / 1000) * 1000).toISOString(),
    );
    // One that Meta lists late, behind the cursor.
    kit.aLead({ form_id: 'cursor', createdMs: newest.getTime() - 30 * MINUTE_MS });
    expect(await run(source)).toMatchObject({
      filled: 1,
      reconciled_until: report.reconciled_until,
    });
    expect(await kit.leadsOf(source.clientId)).toHaveLength(4);
  });

  test('never passes a lead that failed', async () => {
    const source = await aSource('stuck');
    const leads = leadsAt('stuck', 5);
    const stuck = leads[2];
    const failing = createReconciler({
      ...kit.reading,
      clock: systemClock,
      leads: {
        find: kit.reading.leads.find,
        async write(clientId, sources, given) {
          const good = given.filter(({ referenceId }) => referenceId !== stuck?.id);
          const written = [...(await kit.reading.leads.write(clientId, sources, good))];
          return given.map(({ referenceId }) =>
            referenceId === stuck?.id
              ? { kind: 'refused', code: 'unstorable', message: 'no' }
              : (written.shift() ?? { kind: 'refused', code: 'none', message: 'none' }),
          );
        },
      },
    });
    const report = await failing.reconcile(source.clientId, source.id, { budgetMs: 20_000 });
    expect(report).toMatchObject({
      checked: 5,
      missing: 5,
      filled: 4,
      failed: [{ leadgen_id: stuck?.id }],
    });
    const stuckMs = stuck?.createdMs ?? 0;
    expect(await cursorOf(source)).toEqual(new Date(Math.floor(stuckMs / 1000) * 1000 - 1_000));
    expect(await run(source)).toMatchObject({ filled: 1, failed: [] });
    expect(await kit.leadsOf(source.clientId)).toHaveLength(5);
  });

  test('does not pass what a later start left out', async () => {
    const source = await aSource('since');
    const leads = leadsAt('since', 6, START_MS);
    const since = new Date(leads[2]?.createdMs ?? 0);
    expect(await run(source, { since })).toMatchObject({
      checked: 3,
      filled: 3,
      reconciled_until: null,
    });
    expect(await run(source)).toMatchObject({ checked: 6, filled: 3 });
    expect(await cursorOf(source)).not.toBeNull();
  });

  test('stays where it was when Meta stops answering in the middle; a continuation goes on there', async () => {
    const source = await aSource('long');
    leadsAt('long', 35);
    let pages = 0;
    kit.graph.interfere(() => {
      pages += 1;
      return pages > 2 ? graphError(190, 'Error validating access token') : undefined;
    });
    const first = await run(source);
    expect(first).toMatchObject({
      checked: 20,
      filled: 20,
      reconciled_until: null,
      stopped: { code: '190' },
    });
    expect(kit.alerts).toMatchObject([{ pageId: source.page, code: '190' }]);
    kit.graph.interfere(undefined);
    const second = await run(source, { continuation: first.continuation ?? undefined });
    expect(second).toMatchObject({ checked: 15, filled: 15, continuation: null });
    expect(await cursorOf(source)).not.toBeNull();
    expect(await kit.rows('SELECT * FROM meta_holds WHERE page_id = $1', [source.page])).toEqual(
      [],
    );
  });
});

test('a call that runs out of time says so, and calls in a row come to the end', async () => {
  const source = await aSource('slow');
  leadsAt('slow', 30);
  const first = await run(source, { budgetMs: 0 });
  expect(first).toMatchObject({ checked: 0, stopped: null });
  expect(first.continuation).not.toBeNull();
  const second = await run(source, { continuation: first.continuation ?? undefined });
  expect(second).toMatchObject({ checked: 30, filled: 30, stopped: null, continuation: null });
});

test('a brief failure at Meta is waited out', async () => {
  const source = await aSource('brief');
  leadsAt('brief', 3);
  let calls = 0;
  kit.graph.interfere(() => {
    calls += 1;
    return calls === 1 ? graphError(2, 'Service temporarily unavailable') : undefined;
  });
  expect(await run(source)).toMatchObject({ filled: 3, stopped: null });
});

test('a source of a whole page goes through its forms, but not those mapped to somebody else', async () => {
  const source = await aSource();
  const other = await kit.aMetaClient({ sources: [{ page: source.page, form: 'theirs' }] });
  kit.graph.forms.set(source.page, ['mine', 'theirs', 'empty']);
  const mine = leadsAt('mine', 12);
  leadsAt('theirs', 3);
  expect(await run(source)).toMatchObject({ form_id: null, checked: 12, filled: 12 });
  expect(await referencesOf(source.clientId)).toEqual(mine.map(({ id }) => id).toSorted());
  expect(await kit.leadsOf(other)).toEqual([]);
});

test('leads that were stored and not delivered are listed', async () => {
  const source = await aSource('undelivered');
  const [lead] = leadsAt('undelivered', 1);
  await run(source);
  await kit.rows('UPDATE client_integrations SET whatsapp_enabled = true WHERE client_id = $1', [
    source.clientId,
  ]);
  expect((await run(source)).undelivered).toMatchObject([
    { leadgen_id: lead?.id, integration: 'whatsapp', status: null },
  ]);
});

describe('over HTTP', () => {
  const call = (clientId: ClientId, sourceId: string, identity = asAdmin(), body = {}) =>
    kit.daemon.client(identity).call('reconcile', {
      params: { client_id: clientId, source_id: sourceId },
      body,
    });

  test('a member reconciles, and the audit log says who', async () => {
    const source = await aSource('http');
    leadsAt('http', 4);
    const membership = await aMembership(kit.owner, { client: source });
    const since = new Date(START_MS - MINUTE_MS).toISOString();
    const report = await call(source.clientId, source.id, asMember(membership), { since });
    expect(report).toMatchObject({ ok: true, body: { checked: 4, filled: 4, since } });
    expect(
      await kit.rows('SELECT actor_id, action FROM audit_log WHERE target_id = $1', [source.id]),
    ).toEqual([{ actor_id: membership.userId, action: 'meta_source.reconcile' }]);
    expect(await kit.leadsOf(source.clientId)).toHaveLength(4);
  });

  test("another client's source and continuation are not there", async () => {
    const [mine, theirs] = [await aSource('a'), await aSource('b')];
    expect(await call(mine.clientId, theirs.id)).toMatchObject({
      ok: false,
      problem: { code: 'not_found' },
    });
    const { continuation } = await run(theirs, { budgetMs: 0 });
    expect(await call(mine.clientId, mine.id, asAdmin(), { continuation })).toMatchObject({
      ok: false,
      problem: { code: 'validation_failed' },
    });
  });

  test('a client without a token is told what is missing', async () => {
    const source = await aSource('none');
    await kit.rows("UPDATE client_integrations SET config = '{}' WHERE client_id = $1", [
      source.clientId,
    ]);
    expect(await call(source.clientId, source.id)).toMatchObject({
      ok: false,
      problem: { code: 'conflict', detail: expect.stringContaining('meta.page_access_token') },
    });
  });

  test('a suspended client is not worked for', async () => {
    const source = await aSource('suspended');
    await kit.rows("UPDATE clients SET status = 'suspended' WHERE client_id = $1", [
      source.clientId,
    ]);
    expect(await call(source.clientId, source.id)).toMatchObject({
      ok: false,
      problem: { code: 'client_suspended' },
    });
  });
});
