import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { arbitraryLead, type ArbitraryLead } from '../daemons/lead/testing/arbitrary-lead.ts';
import { createBench, googleSheets, whatsApp, type Bench } from './integrations/bench.ts';
import { startUp, workplace, type Platform, type Workplace } from './platform.ts';

let at: Workplace;
let platform: Platform;
let bench: Bench;

beforeAll(async () => {
  at = await workplace(22_500);
  platform = await startUp(at);
  bench = await createBench(platform);
  const limits = { sheets_writes_per_minute: 600, whatsapp_messages_per_second: 1_000 };
  await bench.control('PUT', '/quotas', { ...limits, whatsapp_pair: false });
});
afterAll(async () => {
  await platform?.stop();
  await at?.remove();
});

const LEADS = 1_000;
const AT_ONCE = 20;
/** As many of them are well-formed. */
const GOOD = LEADS / AT_ONCE;
const CLIENT = 'anything';
const SHEET = 'anything-sheet';
/** Fields of the leads' own, and places in which a careless reader would find something of its own. */
const COLUMNS = ['lead_id', 'name', 'phone', 'note', 'consent', '__proto__', '_unparsed'];

const stored = z.looseObject({ id: z.string() });
const lead = z.looseObject({
  id: z.string(),
  phone: z.string().nullable(),
  phone_valid: z.boolean().nullable(),
});
const delivery = z.looseObject({
  id: z.string(),
  lead_id: z.string(),
  integration: z.string(),
  status: z.string(),
  last_error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
const sheet = z.object({ values: z.array(z.array(z.unknown())) });
const messages = z.object({
  data: z.array(z.object({ biz_opaque_callback_data: z.string().nullable() })),
});
const counts = z.object({ by_status: z.record(z.string(), z.number()) });

const encoder = new TextEncoder();

/** With a number of its own before whatever else it says; a later one may take its place. */
function withPhone(given: ArbitraryLead, number: number): ArbitraryLead {
  const { contentType, body } = given;
  const phone = `+49151${20_000_000 + number}`;
  switch (contentType) {
    case 'application/json':
      return { contentType, body: joined(`{"phone":"${phone}",`, body.subarray(1)) };
    case 'application/x-www-form-urlencoded':
      return { contentType, body: joined(`phone=${encodeURIComponent(phone)}&`, body) };
    default:
      return given;
  }
}

const joined = (text: string, rest: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array([...encoder.encode(text), ...rest]);

const aGoodLead = (number: number): ArbitraryLead => ({
  contentType: 'application/json',
  body: encoder.encode(
    JSON.stringify({ name: `Good ${number}`, phone: `+49151${10_000_000 + number}` }),
  ),
});

async function post(key: string, { contentType, body }: ArbitraryLead): Promise<string> {
  const response = await fetch(`${platform.ready.gateway}/api/leads/ingest`, {
    method: 'POST',
    headers: { 'content-type': contentType, 'x-api-key': key },
    body,
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${text} to ${Buffer.from(body).toString().slice(0, 300)}`);
  }
  return stored.parse(JSON.parse(text)).id;
}

const UNSETTLED = ['pending', 'delivering', 'retrying', 'unknown', 'held'];

test('a thousand leads of any kind reach the sheet, and WhatsApp where there is somebody to write to', async () => {
  const settings = whatsApp('7700');
  const { config, ...sheets } = googleSheets(SHEET);
  const key = await bench.client(CLIENT, {
    ...settings,
    ...sheets,
    config: { ...settings.config, google_sheets: { ...config.google_sheets, columns: COLUMNS } },
  });
  const any = fc
    .sample(arbitraryLead, LEADS - GOOD)
    .map((one, number) => (number % 2 === 0 ? withPhone(one, number) : one))
    .filter(({ body }) => body.length < 262_144);
  const ids = new Set<string>();
  const good: string[] = [];
  for (let turn = 0; turn < GOOD; turn += 1) {
    const strange = any.slice(turn * (AT_ONCE - 1), (turn + 1) * (AT_ONCE - 1));
    const [own = '', ...others] = await Promise.all(
      [aGoodLead(turn), ...strange].map((one) => post(key, one)),
    );
    good.push(own);
    for (const id of [own, ...others]) ids.add(id);
  }

  await bench.until(async () => {
    const { by_status: of } = counts.parse(
      await bench.api('GET', `/clients/${CLIENT}/deliveries/summary`),
    );
    const all = Object.values(of).reduce((sum, count) => sum + count, 0);
    const open = UNSETTLED.reduce((sum, status) => sum + (of[status] ?? 0), 0);
    return all === 2 * ids.size && open === 0;
  }, 30_000);

  // A row for each, once.
  const { values } = sheet.parse(await bench.control('GET', `/sheets/${SHEET}`));
  const [header = [], ...rows] = values;
  const written = rows.map((row) => String(row[header.indexOf('lead_id')]));
  expect(written.toSorted()).toEqual([...ids].toSorted());

  // A message for each that can have one; of the others a reason that a person understands.
  const deliveries = z
    .array(delivery)
    .parse(await bench.listAll(`/clients/${CLIENT}/deliveries?integration=whatsapp&`));
  const sent = new Set(
    messages
      .parse(await bench.control('GET', '/whatsapp/messages'))
      .data.map((message) => message.biz_opaque_callback_data),
  );
  const byLead = new Map(deliveries.map((each) => [each.lead_id, each]));
  const isExplained = ({ status, last_error: reason }: (typeof deliveries)[number]) =>
    ['skipped', 'failed'].includes(status) && /^[A-Z].{15,}[.!?]$/s.test(reason?.message ?? '');
  expect(
    deliveries.filter((each) =>
      each.status === 'delivered' ? !sent.has(each.id) : !isExplained(each),
    ),
  ).toEqual([]);
  const leads = z.array(lead).parse(await bench.listAll(`/clients/${CLIENT}/leads?`));
  expect(leads).toHaveLength(ids.size);
  const reachable = leads.filter(({ phone_valid: isValid }) => isValid === true);
  expect(reachable.length).toBeGreaterThan(LEADS / 5);
  const unreached = reachable.filter(({ id }) => byLead.get(id)?.status !== 'delivered');
  const reasons = unreached.map(({ id }) => byLead.get(id)?.last_error?.code);
  expect(new Set(reasons.filter((code) => code !== 'no_consent'))).toEqual(new Set());
  expect(new Set(good.map((id) => byLead.get(id)?.status))).toEqual(new Set(['delivered']));
}, 60_000);
