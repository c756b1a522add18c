import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../lib/core/clock.ts';
import { graphError } from '../testing/fake-graph.ts';
import { never } from '../testing/processing.ts';
import {
  MINUTE_MS,
  START_MS,
  startReconcilingKit,
  type ReconcilingKit,
} from '../testing/reconciling.ts';
import { createReconciler } from './reconciler.ts';

let kit: ReconcilingKit;

beforeAll(async () => {
  kit = await startReconcilingKit();
});
afterAll(() => kit.stop());
beforeEach(() => {
  kit.graph.interfere(undefined);
  kit.alerts.length = 0;
});

describe('after one reconcile', () => {
  test('of a form that lost 30 % of its webhooks nothing is missing and nothing doubled', async () => {
    const source = await kit.aSource('lossy');
    const leads = kit.leadsAt('lossy', 100);
    const arrived = leads.filter((_lead, index) => index % 10 >= 3);
    await kit.notify(source.page, arrived);
    await kit.work();
    expect(await kit.leadsOf(source.clientId)).toHaveLength(70);

    const report = await kit.reconcile(source);
    expect(report).toMatchObject({
      checked: 100,
      missing: 30,
      filled: 30,
      failed: [],
      stopped: null,
      continuation: null,
    });
    const all = leads.map(({ id }) => id).toSorted();
    expect(await kit.referencesOf(source.clientId)).toEqual(all);
    expect(await kit.reconcile(source)).toMatchObject({ missing: 0, filled: 0 });
    // The lost webhooks come after all.
    await kit.notify(source.page, leads);
    await kit.work();
    expect(await kit.referencesOf(source.clientId)).toEqual(all);
    const created = await kit.rows(
      "SELECT count(*)::int AS n FROM events WHERE client_id = $1 AND kind = 'lead.created'",
      [source.clientId],
    );
    expect(created).toEqual([{ n: 100 }]);
  });

  test('while webhooks are worked on and others reconcile, each lead is one', async () => {
    const source = await kit.aSource('race');
    const leads = kit.leadsAt('race', 40);
    await kit.notify(source.page, leads);
    await Promise.all([
      kit.reconcile(source),
      kit.reconcile(source),
      kit.processor.run('leads', never),
      kit.aProcessor().run('leads', never),
    ]);
    expect(await kit.referencesOf(source.clientId)).toEqual(leads.map(({ id }) => id).toSorted());
  });

  test('events that were given up, held or unmapped owe nothing any more', async () => {
    const source = await kit.aSource('settle');
    const leads = kit.leadsAt('settle', 3);
    await kit.notify(source.page, leads);
    await kit.rows(
      `UPDATE webhook_events SET status = CASE leadgen_id WHEN $1 THEN 'failed' WHEN $2 THEN 'held' ELSE 'unmapped' END,
         held_by = CASE leadgen_id WHEN $2 THEN 'event' END WHERE leadgen_id = ANY($3)`,
      [leads[0]?.id, leads[1]?.id, leads.map(({ id }) => id)],
    );
    await kit.reconcile(source);
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
    const source = await kit.aSource('cursor');
    const [, , last] = kit.leadsAt('cursor', 3);
    const report = await kit.reconcile(source);
    const newest = new Date(last?.createdMs ?? 0);
    expect(report.reconciled_until).toBe(
      new Date(Math.floor(newest.getTime() / 1000) * 1000).toISOString(),
    );
    // One that Meta lists late, behind the cursor.
    kit.aLead({ form_id: 'cursor', createdMs: newest.getTime() - 30 * MINUTE_MS });
    expect(await kit.reconcile(source)).toMatchObject({
      filled: 1,
      reconciled_until: report.reconciled_until,
    });
    expect(await kit.leadsOf(source.clientId)).toHaveLength(4);
  });

  test('of a new source begins where the source does: what is older comes only when asked for', async () => {
    const [madeMs, hourMs] = [Date.now(), 60 * MINUTE_MS];
    const source = await kit.aSource('new', new Date(madeMs));
    const [weeksOld] = kit.leadsAt('new', 1);
    const late = kit.aLead({ form_id: 'new', createdMs: madeMs - hourMs / 2 });
    const first = await kit.reconcile(source);
    expect(first).toMatchObject({ checked: 1, filled: 1 });
    expect(Date.parse(first.since)).toBe(madeMs - hourMs);
    expect(await kit.referencesOf(source.clientId)).toEqual([late.id]);
    await kit.reconcile(source, { since: new Date(START_MS - hourMs) });
    expect(await kit.referencesOf(source.clientId)).toContain(weeksOld?.id);
  });

  test('never passes a lead that failed', async () => {
    const source = await kit.aSource('stuck');
    const leads = kit.leadsAt('stuck', 5);
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
    expect(await kit.cursorOf(source)).toEqual(new Date(Math.floor(stuckMs / 1000) * 1000 - 1_000));
    expect(await kit.reconcile(source)).toMatchObject({ filled: 1, failed: [] });
    expect(await kit.leadsOf(source.clientId)).toHaveLength(5);
  });

  test('does not pass what a later start left out', async () => {
    const source = await kit.aSource('since');
    const leads = kit.leadsAt('since', 6);
    const since = new Date(leads[2]?.createdMs ?? 0);
    expect(await kit.reconcile(source, { since })).toMatchObject({
      checked: 3,
      filled: 3,
      reconciled_until: null,
    });
    expect(await kit.reconcile(source)).toMatchObject({ checked: 6, filled: 3 });
    expect(await kit.cursorOf(source)).not.toBeNull();
  });

  test('stays where it was when Meta stops answering in the middle; a continuation goes on there', async () => {
    const source = await kit.aSource('long');
    kit.leadsAt('long', 35);
    let pages = 0;
    kit.graph.interfere(() => {
      pages += 1;
      return pages > 2 ? graphError(190, 'Error validating access token') : undefined;
    });
    const first = await kit.reconcile(source);
    expect(first).toMatchObject({
      checked: 20,
      filled: 20,
      reconciled_until: null,
      stopped: { code: '190' },
    });
    expect(kit.alerts).toMatchObject([{ pageId: source.page, code: '190' }]);
    kit.graph.interfere(undefined);
    const second = await kit.reconcile(source, { continuation: first.continuation ?? undefined });
    expect(second).toMatchObject({ checked: 15, filled: 15, continuation: null });
    expect(await kit.cursorOf(source)).not.toBeNull();
    expect(await kit.rows('SELECT * FROM meta_holds WHERE page_id = $1', [source.page])).toEqual(
      [],
    );
  });
});

test('a call that runs out of time says so, and calls in a row come to the end', async () => {
  const source = await kit.aSource('slow');
  kit.leadsAt('slow', 30);
  const first = await kit.reconcile(source, { budgetMs: 0 });
  expect(first).toMatchObject({ checked: 0, stopped: null });
  expect(first.continuation).not.toBeNull();
  const second = await kit.reconcile(source, { continuation: first.continuation ?? undefined });
  expect(second).toMatchObject({ checked: 30, filled: 30, stopped: null, continuation: null });
});

test('a brief failure at Meta is waited out', async () => {
  const source = await kit.aSource('brief');
  kit.leadsAt('brief', 3);
  let calls = 0;
  kit.graph.interfere(() => {
    calls += 1;
    return calls === 1 ? graphError(2, 'Service temporarily unavailable') : undefined;
  });
  expect(await kit.reconcile(source)).toMatchObject({ filled: 3, stopped: null });
});

test('a source of a whole page goes through its forms, but not those mapped to somebody else', async () => {
  const source = await kit.aSource();
  const other = await kit.aMetaClient({ sources: [{ page: source.page, form: 'theirs' }] });
  kit.graph.forms.set(source.page, ['mine', 'theirs', 'empty']);
  const mine = kit.leadsAt('mine', 12);
  kit.leadsAt('theirs', 3);
  expect(await kit.reconcile(source)).toMatchObject({ form_id: null, checked: 12, filled: 12 });
  expect(await kit.referencesOf(source.clientId)).toEqual(mine.map(({ id }) => id).toSorted());
  expect(await kit.leadsOf(other)).toEqual([]);
});

test('leads that were stored and not delivered are listed', async () => {
  const source = await kit.aSource('undelivered');
  const [lead] = kit.leadsAt('undelivered', 1);
  await kit.reconcile(source);
  await kit.rows(
    `INSERT INTO destinations (id, client_id, name, kind)
     VALUES (gen_random_uuid(), $1, 'whatsapp', 'whatsapp')`,
    [source.clientId],
  );
  expect((await kit.reconcile(source)).undelivered).toMatchObject([
    { leadgen_id: lead?.id, integration: 'whatsapp', status: null },
  ]);
});
