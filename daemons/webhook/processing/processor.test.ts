import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { never, startProcessingKit, type ProcessingKit } from '../testing/processing.ts';

let kit: ProcessingKit;

beforeAll(async () => {
  kit = await startProcessingKit();
});
afterAll(() => kit.stop());

describe('a lead event', () => {
  test('becomes a lead with its contact, campaign and consent, whole in its payload', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p1' }] });
    const lead = kit.aLead({
      platform: 'ig',
      fields: {
        first_name: 'Ada',
        last_name: 'Lovelace',
        email: 'Ada@Example.com',
        phone_number: '+4930901820',
        city: 'London',
      },
      consent: { terms: true, ads: false },
    });
    await kit.notify('p1', [lead]);
    await kit.work();
    expect(await kit.leadsOf(clientId)).toMatchObject([
      {
        name: 'Ada Lovelace',
        email: 'ada@example.com',
        phone: '+4930901820',
        source: 'instagram',
        lead_reference_id: lead.id,
        consent: [
          { checkbox_key: 'terms', is_checked: true },
          { checkbox_key: 'ads', is_checked: false },
        ],
        raw_payload: {
          page_id: 'p1',
          form_id: 'f',
          campaign_id: '800',
          ad_id: '700',
          platform: 'ig',
        },
      },
    ]);
    expect(await kit.eventOf(lead.id)).toMatchObject({ status: 'processed', client_id: clientId });
  });

  test('that comes many times and is worked on by several at once makes one lead', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p2' }] });
    const leads = Array.from({ length: 20 }, () => kit.aLead());
    await Promise.all(Array.from({ length: 5 }, () => kit.notify('p2', leads)));
    // As if the events had been kept apart: the writer alone has to see to it then.
    await kit.rows(
      `INSERT INTO webhook_events (id, post_id, object, field, dedupe_key, page_id, form_id, leadgen_id, value)
       SELECT gen_random_uuid(), post_id, object, field, 'again:' || leadgen_id, page_id, form_id, leadgen_id, value
       FROM webhook_events WHERE page_id = 'p2'`,
    );
    const others = [kit.processor, kit.aProcessor(), kit.aProcessor()];
    await Promise.all(others.map((each) => each.run('leads', never)));
    const stored = await kit.leadsOf(clientId);
    expect(stored.map((row) => row['lead_reference_id'])).toEqual(
      leads.map(({ id }) => id).toSorted(),
    );
    const events = await kit.rows(
      "SELECT count(*)::int AS n FROM events WHERE client_id = $1 AND kind = 'lead.created'",
      [clientId],
    );
    expect(events).toEqual([{ n: 20 }]);
  });

  test("goes by its form's mapping before its page's", async () => {
    const pageOwner = await kit.aMetaClient({ token: 'shared', sources: [{ page: 'p3' }] });
    const formOwner = await kit.aMetaClient({
      token: 'shared',
      sources: [{ page: 'p3', form: 'own' }],
    });
    const [plain, special, late] = [
      kit.aLead(),
      kit.aLead({ form_id: 'own' }),
      kit.aLead({ form_id: 'own' }),
    ];
    // The last one does not say its form: only the fetched lead does.
    await kit.notify('p3', [plain, special, { id: late.id }]);
    await kit.work();
    const referencesOf = async (clientId: string) =>
      (await kit.leadsOf(clientId)).map((row) => row['lead_reference_id']);
    expect(await referencesOf(pageOwner)).toEqual([plain.id]);
    expect(await referencesOf(formOwner)).toEqual([special.id, late.id].toSorted());
  });

  test('of an unmapped page waits, costs no call, and goes on once the page is mapped', async () => {
    const lead = kit.aLead();
    await kit.notify('p4', [lead]);
    await kit.work();
    expect(await kit.eventOf(lead.id)).toMatchObject({ status: 'unmapped', client_id: null });
    expect(kit.callsFor(lead.id)).toHaveLength(0);
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p4', form: 'f' }] });
    expect(await kit.processor.sweep()).toMatchObject({ mapped: 1 });
    await kit.processor.run('leads', never);
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
    expect(await kit.eventOf(lead.id)).toMatchObject({ status: 'processed', client_id: clientId });
  });

  test('goes by the settings where no source says, unless two clients claim the page', async () => {
    const first = await kit.aMetaClient({});
    const second = await kit.aMetaClient({});
    await kit.rows('UPDATE client_integrations SET meta_page_id = $1 WHERE client_id = ANY($2)', [
      'p5',
      [first, second],
    ]);
    const lead = kit.aLead();
    await kit.notify('p5', [lead]);
    await kit.work();
    expect(await kit.eventOf(lead.id)).toMatchObject({
      status: 'unmapped',
      last_error_code: 'ambiguous_mapping',
    });
    await kit.rows('UPDATE client_integrations SET meta_page_id = NULL WHERE client_id = $1', [
      second,
    ]);
    await kit.work();
    expect(await kit.eventOf(lead.id)).toMatchObject({ status: 'processed', client_id: first });
  });

  test('of a suspended client waits until the client is active', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p6' }], status: 'suspended' });
    const lead = kit.aLead();
    await kit.notify('p6', [lead]);
    await kit.work();
    expect(await kit.eventOf(lead.id)).toMatchObject({
      status: 'held',
      last_error_code: 'client_suspended',
    });
    expect(kit.callsFor(lead.id)).toHaveLength(0);
    await kit.rows("UPDATE clients SET status = 'active' WHERE client_id = $1", [clientId]);
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });
});

test('a mapping lets the events of its own form go on, and no others', async () => {
  const [mine, other] = [kit.aLead({ form_id: 'm1' }), kit.aLead({ form_id: 'm2' })];
  await kit.notify('p20', [mine, other]);
  await kit.work();
  await kit.aMetaClient({ sources: [{ page: 'p20' }] });
  expect(await kit.processor.redriveUnmapped('p20', 'm1')).toBe(1);
  expect(await kit.eventOf(mine.id)).toMatchObject({ status: 'received' });
  expect(await kit.eventOf(other.id)).toMatchObject({ status: 'unmapped' });
});

test('old posts are forgotten with their events, but not while something is owed', async () => {
  await kit.aMetaClient({ sources: [{ page: 'p21' }] });
  const [done, unmapped] = [kit.aLead(), kit.aLead()];
  await kit.notify('p21', [done]);
  await kit.notify('nobody', [unmapped]);
  await kit.work();
  await kit.rows("UPDATE webhook_posts SET received_at = now() - interval '31 days'");
  expect(await kit.processor.prune(30)).toBeGreaterThan(0);
  expect(await kit.eventOf(done.id)).toBeUndefined();
  expect(await kit.eventOf(unmapped.id)).toMatchObject({ status: 'unmapped' });
});
