import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../lib/core/clock.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import { aClient, aMembership, type TestClient } from '../../../lib/testing/factories.ts';
import { asMember } from '../../../lib/testing/identities.ts';
import { createLeadWriter } from '../provided/writer.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

const REFERENCE = 'r-1';
const ADA = {
  name: 'Ada \uD800',
  email: ' ADA@Example.com',
  phone: '030 901820',
  consent: { marketing: true },
};

let bench: LeadBench;
let client: TestClient;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db, { defaultCountry: 'DE' });
});
afterAll(() => bench.stop());

/** One lead by each of the ways in which one can come, of a source each. */
async function writeByEachDoor(): Promise<void> {
  await bench.postLead(await bench.keyFor(client), {
    ...ADA,
    source: 'form',
    lead_reference_id: REFERENCE,
  });
  const database = createDatabase({
    url: bench.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
  const writer = createLeadWriter({ database, clock: systemClock, announce: () => undefined });
  const told = { ...ADA, source: 'provider', referenceId: REFERENCE, rawPayload: ADA };
  await writer.write(client.clientId, ['provider'], [told]);
  await database.stop();
  await bench.daemon.client(asMember(await aMembership(bench.db, { client }))).call('createLead', {
    params: { client_id: client.clientId },
    body: { ...ADA, source: 'person', lead_reference_id: REFERENCE },
  });
}

test('a form’s, a provider’s and a person’s lead are kept alike, each with its event', async () => {
  await writeByEachDoor();
  const { rows } = await bench.db.query(
    `SELECT source, name, email, phone, phone_valid, consent, status, warnings, lead_reference_id,
       (SELECT array_agg(kind ORDER BY id) FROM events WHERE lead_id = leads.id) AS events
     FROM leads WHERE client_id = $1 ORDER BY source`,
    [client.clientId],
  );
  const kept = {
    name: 'Ada \u{FFFD}',
    email: 'ada@example.com',
    phone: '+4930901820',
    phone_valid: true,
    consent: { marketing: true },
    status: 'new',
    warnings: null,
    lead_reference_id: REFERENCE,
    events: ['lead.created'],
  };
  expect(rows).toEqual([
    { ...kept, source: 'form' },
    { ...kept, source: 'person', events: ['lead.created', 'lead.updated'] },
    { ...kept, source: 'provider' },
  ]);
});
