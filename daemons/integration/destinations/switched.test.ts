import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { SERVICE_ACCOUNT } from '../testing/kit.ts';
import { shownIn, startDestinations, type TestDestinations } from '../testing/destinations.ts';

let t: TestDestinations;

beforeAll(async () => {
  t = await startDestinations();
});
afterAll(() => t.stop());

const TEMPLATE = { name: 'new_lead', language: 'en_US', parameters: ['name'] };
const GIVEN = {
  whatsapp: {
    kind: 'whatsapp',
    settings: { phone_number_id: '1', template: TEMPLATE },
    secrets: { access_token: 'a token' },
  },
  google_sheets: {
    kind: 'google_sheets',
    settings: { spreadsheet_id: 'sheet-1' },
    secrets: { service_account: SERVICE_ACCOUNT },
  },
} as const;

const switchboard = z.looseObject({
  whatsapp_enabled: z.boolean(),
  google_sheets_enabled: z.boolean(),
  google_sheet_id: z.string().nullable(),
  config: z.looseObject({
    whatsapp: z.looseObject({
      phone_number_id: z.string().nullable(),
      access_token: z.looseObject({ fingerprint: z.string() }).nullable(),
    }),
  }),
});
const listed = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      enabled: z.boolean(),
      settings: z.record(z.string(), z.unknown()),
      secrets: z.record(z.string(), z.looseObject({ fingerprint: z.string() }).nullable()),
    }),
  ),
});

async function destinationsOf(client: string) {
  const { body } = await t.ask('GET', `${client}/destinations`);
  return new Map(listed.parse(body).data.map((one) => [one.name, one]));
}

const NOTHING_ON = {
  whatsapp_enabled: false,
  google_sheets_enabled: false,
  google_sheet_id: null,
};

/** What the switchboard keeps and shows is what its two destinations say. */
async function expectEqual(client: string): Promise<void> {
  const named = await destinationsOf(client);
  const [whatsapp, sheets] = [named.get('whatsapp'), named.get('google_sheets')];
  const said = {
    whatsapp_enabled: whatsapp?.enabled ?? false,
    google_sheets_enabled: sheets?.enabled ?? false,
    google_sheet_id: sheets?.settings['spreadsheet_id'] ?? null,
  };
  const shown = switchboard.parse((await t.ask('GET', `${client}/integrations`)).body);
  expect(shown).toMatchObject(said);
  expect(shown.config.whatsapp.phone_number_id).toBe(whatsapp?.settings['phone_number_id'] ?? null);
  expect(shown.config.whatsapp.access_token?.fingerprint).toBe(
    whatsapp?.secrets['access_token']?.fingerprint,
  );
  const { rows } = await t.kit.pool.query(
    `SELECT whatsapp_enabled, google_sheets_enabled, google_sheet_id FROM client_integrations
     WHERE client_id = $1`,
    [client],
  );
  // With no row at all nothing is on.
  expect(rows[0] ?? NOTHING_ON).toEqual(said);
}

test('what the switchboard sets is a destination, and what a destination is set to the switchboard shows', async () => {
  const client = await t.client();
  await t.ask('PATCH', `${client}/integrations?lint=false`, {
    whatsapp_enabled: true,
    config: { whatsapp: { phone_number_id: '7', access_token: 'abc', template: TEMPLATE } },
  });
  const made = (await destinationsOf(client)).get('whatsapp');
  expect(made).toMatchObject({
    kind: 'whatsapp',
    enabled: true,
    settings: { phone_number_id: '7' },
    secrets: { access_token: { set: true } },
  });
  await expectEqual(client);
  const path = `${client}/destinations/${made?.id}`;
  await t.ask('PATCH', `${path}?lint=false`, {
    enabled: false,
    settings: { phone_number_id: '8' },
  });
  expect((await t.ask('GET', `${client}/integrations`)).body).toMatchObject({
    whatsapp_enabled: false,
    config: { whatsapp: { phone_number_id: '8', access_token: { set: true } } },
  });
  await expectEqual(client);
});

test('what only a destination knows outlasts a change at the switchboard', async () => {
  const client = await t.client();
  const id = await t.note(client, {
    ...GIVEN.whatsapp,
    name: 'whatsapp',
    enabled: false,
    settings: { ...GIVEN.whatsapp.settings, recipient: 'assignee' },
    filter: { sources: ['website'] },
    on: ['lead.assigned'],
  });
  await t.ask('PUT', `${client}/integrations?lint=false`, { whatsapp_enabled: true });
  expect((await t.ask('GET', `${client}/destinations/${id}`)).body).toMatchObject({
    enabled: true,
    settings: { recipient: 'assignee' },
    filter: { sources: ['website'] },
    on: ['lead.assigned'],
  });
});

test('one that is renamed leaves the switchboard, and one that takes the name enters it', async () => {
  const client = await t.client();
  const id = await t.note(client, { ...GIVEN.google_sheets, name: 'google_sheets', enabled: true });
  expect((await t.ask('GET', `${client}/integrations`)).body).toMatchObject({
    google_sheets_enabled: true,
    google_sheet_id: 'sheet-1',
  });
  await t.ask('PATCH', `${client}/destinations/${id}?lint=false`, { name: 'old' });
  expect((await t.ask('GET', `${client}/integrations`)).body).toMatchObject({
    google_sheets_enabled: false,
    google_sheet_id: null,
  });
  const settings = { spreadsheet_id: 'sheet-2' };
  const other = await t.note(client, { ...GIVEN.google_sheets, name: 'new', settings });
  await t.ask('PATCH', `${client}/destinations/${other}?lint=false`, { name: 'google_sheets' });
  await expectEqual(client);
  await t.ask('DELETE', `${client}/destinations/${other}`);
  await expectEqual(client);
  expect((await destinationsOf(client)).has('google_sheets')).toBe(false);
});

type Step = (client: string) => Promise<unknown>;

const kind = fc.constantFrom('whatsapp', 'google_sheets');
const name = fc.constantFrom('whatsapp', 'google_sheets', 'other');
const onOne = (from: string, method: string, body?: Readonly<Record<string, unknown>>): Step => {
  return async (client) => {
    const id = (await destinationsOf(client)).get(from)?.id;
    return id && t.ask(method, `${client}/destinations/${id}?lint=false`, body);
  };
};

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record(
      {
        whatsapp_enabled: fc.boolean(),
        google_sheets_enabled: fc.boolean(),
        google_sheet_id: fc.constantFrom('sheet-1', 'sheet-2', null),
        config: fc.constantFrom(
          { whatsapp: { phone_number_id: '5', access_token: 'one' } },
          { whatsapp: { phone_number_id: null } },
          { whatsapp: { access_token: null } },
        ),
      },
      { requiredKeys: [] },
    )
    .chain((body) =>
      fc.constantFrom('PUT', 'PATCH').map(
        (method): Step =>
          (client) =>
            t.ask(method, `${client}/integrations?lint=false`, body),
      ),
    ),
  fc.record({ name, kind, enabled: fc.boolean() }).map(
    (made): Step =>
      (client) =>
        t.ask('POST', `${client}/destinations?lint=false`, { ...GIVEN[made.kind], ...made }),
  ),
  fc
    .record({ name, to: fc.record({ enabled: fc.boolean(), name }, { requiredKeys: [] }) })
    .map((change) => onOne(change.name, 'PATCH', change.to)),
  fc
    .constantFrom('sheet-3', 'sheet-4')
    .map((spreadsheet_id) => onOne('google_sheets', 'PATCH', { settings: { spreadsheet_id } })),
  name.map((from) => onOne(from, 'DELETE')),
);

test('any changes from both sides leave the switchboard equal to its two destinations', async () => {
  const holds = fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 7 }), async (taken) => {
      const client = await t.client();
      for (const step of taken) {
        await step(client);
        await expectEqual(client);
      }
    }),
    { numRuns: 25 },
  );
  await expect(holds).resolves.toBeUndefined();
});

test('changes from both sides at a time leave it equal, too', async () => {
  const client = await t.client();
  const id = await t.note(client, { ...GIVEN.whatsapp, name: 'whatsapp', enabled: false });
  expect(shownIn((await t.ask('GET', `${client}/destinations/${id}`)).body).id).toBe(id);
  const asked = Array.from({ length: 10 }, (_, index) =>
    index % 2 === 0
      ? t.ask('PATCH', `${client}/integrations?lint=false`, { whatsapp_enabled: index % 4 === 0 })
      : t.ask('PATCH', `${client}/destinations/${id}?lint=false`, { enabled: index % 4 === 1 }),
  );
  for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
  await expectEqual(client);
});
