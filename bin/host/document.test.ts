import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createJsonSchemas } from '../../lib/contract/json-schemas.ts';
import { toOpenApi } from '../../lib/contract/openapi.ts';
import { arbitraryOf } from '../../lib/contract/testing/arbitrary.ts';
import type { Route } from '../../lib/contract/route.ts';
import { CONTRACTS } from './registry.ts';

const ROUTES = CONTRACTS.flatMap<Route>(({ routes }) => Object.values(routes)).filter(
  ({ access }) => access !== 'service',
);
const named = (routes: readonly Route[]) =>
  routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const schemas = createJsonSchemas();

/** Whether punycode is sound no pattern says. */
const hasNoPunycode = (value: unknown): boolean => !JSON.stringify(value).includes('xn--');

/** A body or a query that the document allows is refused for nothing that the document does not say. */
describe.each(named(ROUTES.filter(({ body }) => body !== undefined && body.kind !== 'raw')))(
  'the body of %s',
  (_name, { body }) => {
    test('is taken when it is what the document says', () => {
      if (body === undefined || body.kind === 'raw') throw new Error('no schema');
      const { schema } = body;
      fc.assert(
        fc.property(arbitraryOf(schemas.of(schema, 'input')).filter(hasNoPunycode), (value) => {
          expect(schema.safeParse(value).error?.issues ?? []).toEqual([]);
        }),
        { numRuns: 200 },
      );
    });
  },
);

describe.each(named(ROUTES.filter(({ query }) => query !== undefined)))(
  'the query of %s',
  (_name, { query }) => {
    test('is taken when it is what the document says', () => {
      if (query === undefined) throw new Error('no schema');
      for (const [name, field] of Object.entries(query.shape)) {
        // Opaque: it is whatever the last page said.
        if (name === 'cursor') continue;
        fc.assert(
          fc.property(arbitraryOf(schemas.of(field, 'input')), (value) => {
            // As it stands in a query: as text.
            const sent = typeof value === 'string' ? value : JSON.stringify(value);
            expect(query.shape[name]?.safeParse(sent).error?.issues ?? []).toEqual([]);
          }),
          { numRuns: 50 },
        );
      }
    });
  },
);

describe('of what a schema cannot draw from, the document says', () => {
  const document = JSON.parse(JSON.stringify(toOpenApi(CONTRACTS, 'test')));
  const bodyOf = (method: string, path: string) =>
    document.paths[path][method].requestBody.content['application/json'].schema;

  test('that text has no NUL, in bodies and queries', () => {
    const q = document.paths['/api/users'].get.parameters.find(
      ({ name }: { name: string }) => name === 'q',
    );
    expect(q.schema.pattern).toBe(String.raw`^[^\u0000]*$`);
    const { name } = bodyOf('post', '/api/clients').properties;
    expect(name).toMatchObject({
      pattern: String.raw`\S`,
      allOf: [{ pattern: String.raw`^[^\u0000]*$` }],
    });
  });

  test('what a cursor is and where it comes from, on every list', () => {
    const cursors = Object.values<Record<string, { parameters?: { name: string }[] }>>(
      document.paths,
    )
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ parameters = [] }) => parameters.filter(({ name }) => name === 'cursor'));
    expect(cursors.length).toBeGreaterThan(15);
    for (const cursor of cursors) {
      expect(cursor).toMatchObject({
        description: expect.stringContaining('next_cursor'),
        schema: { pattern: '^[A-Za-z0-9_-]*$' },
      });
    }
  });

  test('that a grant is METHOD /path, and an id of Meta’s digits of any number', () => {
    const { grants } = bodyOf('put', '/api/roles/{role_id}/permissions').properties;
    expect(grants.items.pattern).toMatch(/GET\|POST/);
    const { page_id: page } = bodyOf('post', '/api/clients/{client_id}/meta-sources').properties;
    expect(page.anyOf).toEqual([
      { type: 'string', pattern: String.raw`^\d{1,40}$` },
      { type: 'integer', minimum: 0, exclusiveMaximum: 1e40 },
    ]);
  });

  test('that a change names something, and which names exclude each other', () => {
    expect(bodyOf('patch', '/api/clients/{client_id}')).toMatchObject({ minProperties: 1 });
    expect(bodyOf('post', '/api/clients/{client_id}/members').allOf).toEqual([
      { oneOf: [{ required: ['user_id'] }, { required: ['email'] }] },
      { oneOf: [{ required: ['role'] }, { required: ['role_id'] }] },
    ]);
    expect(bodyOf('patch', '/api/clients/{client_id}/members/{user_client_id}')).toMatchObject({
      minProperties: 1,
      allOf: [{ not: { required: ['role', 'role_id'] } }],
    });
  });
});
