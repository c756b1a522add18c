import * as fc from 'fast-check';

const names = (prefix: string, count: number) =>
  fc.constantFrom(...Array.from({ length: count }, (_, at) => `${prefix}${at}`));
const many = <T>(item: fc.Arbitrary<T>, key: (value: T) => unknown, maxLength: number) =>
  fc.uniqueArray(item, { selector: (value) => JSON.stringify(key(value)), maxLength });

const ROLES = ['role0', 'role1', 'role2'];
export const PERMISSIONS = ['GET /api/a', 'POST /api/a', 'GET /api/a/{id}', 'DELETE /api/b'];

const role = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      level: fc.integer({ min: 0, max: 3 }),
      description: fc.option(names('about', 2)),
      grants: many(fc.constantFrom(...PERMISSIONS, '* /api/a/**', 'GET /api/*'), String, 3),
    },
    { requiredKeys: ['name', 'level'] },
  );

/** A forest over some of a few e-mails, in any order. */
const members = fc
  .shuffledSubarray(['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example', 'e@x.example'])
  .chain((emails) =>
    fc.tuple(
      fc.constant(emails),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...ROLES)), {
        minLength: emails.length,
        maxLength: emails.length,
      }),
    ),
  )
  .map(([emails, choices]) =>
    emails.map((email, at) => {
      const [manager = 0, role = 'role0'] = choices[at] ?? [];
      const index = manager % (at + 1);
      return { email, role, reports_to: index === at ? null : emails[index] };
    }),
  )
  .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));

const apiKey = fc.record(
  {
    name: names('key', 2),
    scopes: fc.constantFrom(['leads:ingest'], ['leads:read', 'leads:ingest']),
    rate_limit_per_minute: fc.option(fc.constantFrom(1, 2)),
    expires_at: fc.option(fc.constant('2030-01-01T00:00:00+01:00')),
  },
  { requiredKeys: ['name'] },
);

const integrations = fc.record(
  {
    whatsapp_enabled: fc.boolean(),
    google_sheet_id: fc.option(names('sheet', 2)),
    whatsapp: fc.record(
      {
        phone_number_id: fc.option(names('1', 2)),
        template: fc.option(
          fc.record({
            name: fc.constant('t'),
            language: fc.constant('en_US'),
            parameters: fc.constantFrom(
              ['name'],
              [{ field: 'name' }],
              [{ field: 'name', fallback: '-' }],
            ),
          }),
        ),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const placed = fc.record({
  industry: names('industry', 2),
  category: names('category', 2),
  product: names('product', 2),
});

const destination = fc.record(
  {
    name: names('board', 2),
    kind: fc.constant('note'),
    enabled: fc.boolean(),
    on: fc.uniqueArray(fc.constantFrom('lead.created', 'lead.assigned', 'lead.updated'), {
      minLength: 1,
    }),
    filter: fc.option(
      fc.record(
        {
          sources: fc.constantFrom(['website'], ['website', 'app'], ['app', 'website']),
          fields: fc.constantFrom({ city: 'Berlin' }, {}),
          products: fc.uniqueArray(placed, {
            minLength: 1,
            maxLength: 2,
            selector: JSON.stringify,
          }),
        },
        { requiredKeys: [] },
      ),
    ),
    settings: fc.record(
      {
        board: names('b', 2),
        colour: fc.option(fc.constantFrom('red', 'green')),
        layout: fc.option(
          fc.constantFrom<object[]>(
            { title: 'x' },
            { title: 'x', columns: 1 },
            { columns: 2, title: 'x', parts: ['name'] },
            { columns: 2, parts: [{ field: 'name' }], title: 'x' },
            { parts: [{ field: 'name', fallback: '-' }], title: 'y' },
          ),
        ),
      },
      { requiredKeys: ['board'] },
    ),
    secrets: fc.constantFrom({}, { token: { fromEnv: 'TOKEN' } }, { token: { fromEnv: 'OTHER' } }),
  },
  { requiredKeys: ['name', 'kind', 'settings'] },
);

const product = fc.record(
  {
    industry: names('industry', 2),
    category: names('category', 2),
    product: names('product', 2),
    enabled: fc.boolean(),
  },
  { requiredKeys: ['industry', 'category', 'product'] },
);

const client = fc
  .record(
    {
      client_id: names('client', 3),
      name: names('Client ', 2),
      status: fc.constantFrom<'active' | 'suspended'>('active', 'suspended'),
      members,
      products: many(
        product,
        ({ industry, category, product }) => [industry, category, product],
        3,
      ),
      api_keys: many(apiKey, ({ name }) => name, 2),
      meta_sources: many(
        fc.record({ page_id: names('1', 2), form_id: fc.option(names('2', 2)) }),
        (source) => source,
        2,
      ),
      integrations,
      destinations: many(destination, ({ name }) => name, 2),
    },
    { requiredKeys: ['client_id', 'name', 'members'] },
  )
  .map(({ meta_sources: sources = [], destinations = [], products = [], ...rest }) => ({
    ...rest,
    destinations,
    // What a filter names is offered.
    products: offered(products, destinations),
    // A page belongs to one client only.
    meta_sources: sources.map(({ page_id: page, form_id }) => ({
      page_id: `${rest.client_id.at(-1)}${page}`,
      form_id,
    })),
  }));

/** Whole manifests, as they are written, over few names, so that two of them have much in common. */
export const arbitraryManifest = fc.record({
  apiVersion: fc.constant('leadctl/v1'),
  roles: fc.tuple(...ROLES.map(role)),
  industries: many(
    fc.record({
      name: names('industry', 3),
      categories: fc.constantFrom([], [{ name: 'category0', products: ['product0', 'product9'] }]),
    }),
    ({ name }) => name,
    2,
  ),
  clients: many(client, ({ client_id: id }) => id, 3),
});
export type ManifestInput = typeof arbitraryManifest extends fc.Arbitrary<infer T> ? T : never;

type Placed = typeof placed extends fc.Arbitrary<infer T> ? T : never;

function offered(
  products: readonly (Placed & { readonly enabled?: boolean })[],
  destinations: readonly { readonly filter?: { readonly products?: Placed[] } | null }[],
): (Placed & { readonly enabled?: boolean })[] {
  const wanted = destinations.flatMap(({ filter }) => filter?.products ?? []);
  const all = [...products, ...wanted];
  const keyOf = ({ industry, category, product: name }: Placed): string =>
    `${industry}/${category}/${name}`;
  return [...new Map(all.toReversed().map((one) => [keyOf(one), one])).values()];
}
