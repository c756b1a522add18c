import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { createWebhookProcessor } from './processor.ts';
import { graphError } from '../testing/fake-graph.ts';
import { never, startProcessingKit, type ProcessingKit } from '../testing/processing.ts';

let kit: ProcessingKit;

beforeAll(async () => {
  kit = await startProcessingKit();
});
afterAll(() => kit.stop());
beforeEach(() => {
  kit.graph.interfere(undefined);
  kit.alerts.length = 0;
});

describe("what goes wrong at Meta's", () => {
  test('for a while is tried again after a wait that grows', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p10' }] });
    const lead = kit.aLead();
    kit.graph.interfere(() => graphError(2, 'Service temporarily unavailable'));
    await kit.notify('p10', [lead]);
    await kit.work();
    await kit.makeDue();
    await kit.work();
    expect(await kit.eventOf(lead.id)).toMatchObject({
      status: 'retrying',
      attempts: 2,
      last_error_code: '2',
    });
    kit.graph.interfere(undefined);
    await kit.makeDue();
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });

  test('about one lead is parked after a few attempts, and tried anew when the settings change', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p11' }] });
    const missing = { id: newId(), form_id: 'f' };
    const fine = kit.aLead();
    await kit.notify('p11', [missing, fine]);
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await kit.makeDue();
      await kit.work();
    }
    expect(await kit.eventOf(missing.id)).toMatchObject({
      status: 'held',
      held_by: 'event',
      attempts: 5,
    });
    expect(kit.alerts).toEqual([]);
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
    kit.aLead(missing);
    await kit.setToken(clientId, newId());
    kit.graph.tokens.add('fresh');
    await kit.setToken(clientId, 'fresh');
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(2);
  });

  test('for a whole page slows the page down, at no cost to the waiting events', async () => {
    await kit.aMetaClient({ sources: [{ page: 'p12' }] });
    kit.graph.interfere(() => ({
      ...Object(graphError(4, 'Application request limit reached')),
      headers: { 'retry-after': '30' },
    }));
    const leads = Array.from({ length: 30 }, () => kit.aLead());
    await kit.notify('p12', leads);
    await kit.work();
    const calls = leads.flatMap(({ id }) => kit.callsFor(id)).length;
    expect(calls).toBeLessThanOrEqual(8);
    const attempts = await kit.rows('SELECT attempts FROM webhook_events WHERE page_id = $1', [
      'p12',
    ]);
    expect(attempts.filter((row) => row['attempts'] === 0)).toHaveLength(30 - calls);
    expect(await kit.processor.nextDueInMs('leads')).toBeGreaterThan(25_000);
    await kit.rows('DELETE FROM webhook_events WHERE page_id = $1', ['p12']);
  });
});

describe('a page whose answers do not come', () => {
  test('waits after a few calls, and others do not wait for it', async () => {
    const [slowPage, quickPage] = [newId(), newId()];
    await kit.aMetaClient({ sources: [{ page: slowPage }] });
    const clientId = await kit.aMetaClient({ sources: [{ page: quickPage }] });
    const slow = Array.from({ length: 40 }, () => kit.aLead({ form_id: 'slow' }));
    const slowIds = new Set(slow.map(({ id }) => id));
    kit.graph.interfere(({ url }) =>
      slowIds.has(url.pathname.split('/').at(-1) ?? '') ? 'hang' : undefined,
    );
    await kit.notify(slowPage, slow);
    await kit.notify(quickPage, [kit.aLead()]);
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
    const calls = slow.flatMap(({ id }) => kit.callsFor(id)).length;
    expect(calls).toBeLessThanOrEqual(2);
    const untried = await kit.rows(
      "SELECT 1 FROM webhook_events WHERE page_id = $1 AND attempts = 0 AND status = 'received'",
      [slowPage],
    );
    expect(untried).toHaveLength(40 - calls);
    await kit.rows('DELETE FROM webhook_events WHERE page_id = $1', [slowPage]);
  });

  test('keeps no message status waiting', async () => {
    const page = newId();
    await kit.aMetaClient({ sources: [{ page }] });
    const lead = kit.aLead();
    kit.graph.interfere(() => 'hang');
    await kit.notify(page, [lead]);
    let isFetching = true;
    const fetching = kit.processor.run('leads', never).finally(() => (isFetching = false));
    await kit.post({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '9',
          changes: [
            {
              field: 'messages',
              value: { statuses: [{ id: 'wamid.1', status: 'read', timestamp: '1772366400' }] },
            },
          ],
        },
      ],
    });
    expect(await kit.processor.run('statuses', never)).toBe(1);
    expect(isFetching).toBe(true);
    expect(kit.statuses).toMatchObject([{ messageId: 'wamid.1' }]);
    await fetching;
    await kit.rows('DELETE FROM webhook_events WHERE page_id = $1', [page]);
  });
});

describe('a worker', () => {
  test('that dies in the middle leaves its events to the next', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p13' }] });
    const lead = kit.aLead();
    await kit.notify('p13', [lead]);
    await kit.rows(
      `UPDATE webhook_events SET status = 'processing', lease = gen_random_uuid(), attempts = 1,
         leased_until = now() - interval '1 s' WHERE leadgen_id = $1`,
      [lead.id],
    );
    expect(await kit.processor.sweep()).toMatchObject({ reaped: 1 });
    await kit.processor.run('leads', never);
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });

  test('that is told to stop gives back what it has not tried', async () => {
    await kit.aMetaClient({ sources: [{ page: 'p14' }] });
    const leads = Array.from({ length: 20 }, () => kit.aLead());
    await kit.notify('p14', leads);
    const stop = new AbortController();
    kit.graph.interfere(() => {
      stop.abort();
      return 'hang';
    });
    await kit.processor.run('leads', stop.signal);
    const rows = await kit.rows(
      'SELECT DISTINCT status, attempts, lease FROM webhook_events WHERE page_id = $1',
      ['p14'],
    );
    expect(rows).toEqual([{ status: 'received', attempts: 0, lease: null }]);
  });

  test('that was too slow does not write over what came after', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p15' }] });
    const lead = kit.aLead();
    await kit.notify('p15', [lead]);
    const { leads } = kit.reading;
    const slow = createWebhookProcessor({
      ...kit.reading,
      applyWhatsAppWord: async () => 'unknown',
      applyWhatsAppStatus: async () => 'unknown',
      leads: {
        find: leads.find,
        async write(...written) {
          await kit.rows('UPDATE webhook_events SET lease = gen_random_uuid() WHERE page_id = $1', [
            'p15',
          ]);
          return leads.write(...written);
        },
      },
    });
    await kit.rows("DELETE FROM webhook_events WHERE page_id = 'p14'");
    await slow.run('leads', never);
    expect(await kit.eventOf(lead.id)).toMatchObject({ status: 'processing' });
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });
});
