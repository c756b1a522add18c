import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestSchema, type Manifest } from '../schema.ts';
import { nameKey, Secret, sourceKey, type PlatformState } from '../state.ts';
import { toOwned } from '../sets.ts';
import { applyOperation } from '../testing/model.ts';
import { arbitraryManifest, PERMISSIONS } from '../testing/arbitrary-manifest.ts';
import { planChanges } from './plan.ts';
import type { Owned } from './removals.ts';

const nothing = (): PlatformState => ({
  permissions: new Map(PERMISSIONS.map((one) => [one, 'client'])),
  roles: new Map(),
  catalogue: new Set(),
  clients: new Map(),
});

function plan(state: PlatformState, manifest: Manifest, owned: readonly Owned[] = []) {
  return planChanges(state, { manifest, secretsOf: () => new Map(), owned });
}

/** Carries a plan out; what it made is the set's. */
function apply(state: PlatformState, manifest: Manifest, owned: readonly Owned[] = []): Owned[] {
  const { steps, problems } = plan(state, manifest, owned);
  expect(problems).toEqual([]);
  for (const { operation } of steps) applyOperation(state, operation);
  return steps.filter(({ action }) => action === 'create').flatMap(toOwned);
}

/** Says of the state, without the planner, whether the manifest is true. */
function expectTrue(state: PlatformState, manifest: Manifest): void {
  for (const { name, level } of manifest.roles) expect(state.roles.get(name)?.level).toBe(level);
  for (const wanted of manifest.clients) {
    const client = state.clients.get(wanted.client_id);
    expect(client?.name).toBe(wanted.name);
    expect([client?.status, 'any']).toContain(wanted.status ?? 'any');
    for (const { email, role, reports_to: to } of wanted.members) {
      expect(client?.members.get(email)).toEqual({ role, reportsTo: to ?? null });
    }
    for (const { industry, category, product, enabled } of wanted.products) {
      const key = nameKey([industry, category, product]);
      expect(client?.products.get(key)).toBe(enabled);
      expect(state.catalogue.has(key)).toBe(true);
    }
    for (const { name, scopes } of wanted.api_keys) {
      const held = client?.apiKeys.get(name)?.scopes;
      expect(held).toEqual(scopes?.toSorted() ?? held);
      expect(held).toBeDefined();
    }
    for (const { page_id, form_id } of wanted.meta_sources) {
      expect(client?.metaSources.has(sourceKey(page_id, form_id))).toBe(true);
    }
  }
}

test('carrying out a plan makes the manifest true, and then there is nothing to plan', () => {
  fc.assert(
    fc.property(arbitraryManifest, arbitraryManifest, (before, after) => {
      const state = nothing();
      apply(state, before);
      apply(state, after);
      expectTrue(state, after);
      expect(plan(state, after).steps).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('pruning leaves of a set what its manifest names, and takes nothing that others made', () => {
  fc.assert(
    fc.property(
      arbitraryManifest,
      arbitraryManifest,
      arbitraryManifest,
      (foreign, before, after) => {
        const state = nothing();
        const others = apply(state, foreign);
        const owned = apply(state, before);
        owned.push(...apply(state, after, owned));
        expectTrue(state, after);
        expect(plan(state, after, owned).steps).toEqual([]);
        const isThere = ({ kind, clientId, identity }: Owned): boolean =>
          kind === 'member'
            ? (state.clients.get(clientId ?? '')?.members.has(identity) ?? false)
            : kind === 'role'
              ? state.roles.has(identity)
              : kind === 'client'
                ? state.clients.get(identity)?.status !== 'archived'
                : true;
        expect(others.filter((one) => !isThere(one))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

const withMembers = (...members: { email: string; reports_to?: string }[]): Manifest =>
  manifestSchema.parse({
    apiVersion: 'leadctl/v1',
    roles: [{ name: 'rep', level: 1 }],
    clients: [
      { client_id: 'acme', name: 'Acme', members: members.map((one) => ({ role: 'rep', ...one })) },
    ],
  });

test('a manager and a report change places without a loop on the way', () => {
  const state = nothing();
  apply(
    state,
    withMembers({ email: 'a@x.example' }, { email: 'b@x.example', reports_to: 'a@x.example' }),
  );
  const swapped = withMembers(
    { email: 'a@x.example', reports_to: 'b@x.example' },
    { email: 'b@x.example' },
  );
  const { steps } = plan(state, swapped);
  expect(steps.map(({ identity }) => identity)).toEqual(['b@x.example', 'a@x.example']);
  apply(state, swapped);
  expectTrue(state, swapped);
});

test('a loop by way of members that the manifest does not name is a problem, not a plan', () => {
  const state = nothing();
  apply(
    state,
    withMembers(
      { email: 'a@x.example' },
      { email: 'b@x.example', reports_to: 'a@x.example' },
      { email: 'c@x.example', reports_to: 'b@x.example' },
    ),
  );
  const { problems } = plan(
    state,
    withMembers({ email: 'a@x.example', reports_to: 'c@x.example' }),
  );
  expect(problems).toEqual([
    'client acme: a@x.example would report to themselves by way of others',
  ]);
});

test('roles and managers that are nowhere are problems with the one that was meant', () => {
  const manifest = withMembers(
    { email: 'boss@x.example' },
    { email: 'b@x.example', reports_to: 'bos@x.example' },
  );
  const [first] = manifest.clients[0]?.members ?? [];
  if (first) Object.assign(first, { role: 'repp' });
  expect(plan(nothing(), manifest).problems).toEqual([
    'client acme: boss@x.example has a role "repp" that does not exist; did you mean "rep"?',
    'client acme: bos@x.example is no member of acme; did you mean "boss@x.example"?',
  ]);
});

test('a secret is planned when its fingerprint differs or is not told, and never shown', () => {
  const manifest = manifestSchema.parse({
    apiVersion: 'leadctl/v1',
    clients: [{ client_id: 'acme', name: 'Acme', integrations: { whatsapp: {} } }],
  });
  const path = 'whatsapp.access_token';
  const secretsOf = () => new Map([[path, new Secret('EAAGsecret', 'print')]]);
  const stepsFor = (fingerprint: string | undefined) => {
    const state = nothing();
    apply(state, manifest);
    state.clients.get('acme')?.integrations.set(path, { secret: true, fingerprint });
    return planChanges(state, { manifest, secretsOf, owned: [] }).steps;
  };
  expect(stepsFor('print')).toEqual([]);
  for (const fingerprint of ['other', undefined]) {
    const [step] = stepsFor(fingerprint);
    expect(step?.changes).toEqual([{ field: path, from: '(secret)', to: '(new secret)' }]);
    expect(JSON.stringify(step)).not.toContain('EAAGsecret');
  }
});

test('an archived client that the manifest names comes back; a suspended one stays suspended', () => {
  const manifest = withMembers();
  for (const [status, changes] of [
    ['archived', [{ field: 'status', from: 'archived', to: 'active' }]],
    ['suspended', undefined],
  ] as const) {
    const state = nothing();
    apply(state, manifest);
    const client = state.clients.get('acme');
    if (client) state.clients.set('acme', { ...client, status });
    expect(plan(state, manifest).steps[0]?.changes).toEqual(changes);
  }
});
