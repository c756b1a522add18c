import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportManifest } from '../file/export.ts';
import { parseManifests } from '../file/parse.ts';
import {
  arbitraryManifest,
  PERMISSIONS,
  type ManifestInput,
} from '../testing/arbitrary-manifest.ts';
import { createMemoryPlatform, type MemoryPlatform } from '../testing/memory-platform.ts';
import { SecretMark } from '../secret.ts';
import { ref } from '../thing.ts';
import { carryOut, makePlan, type Work } from './converge.ts';
import { planChanges } from './plan.ts';
import { interestInClients, readPlatform } from './read.ts';
import { createState } from './state.ts';

const platform = (): MemoryPlatform => createMemoryPlatform(PERMISSIONS);
const nobody = () => undefined;

const SECRETS = { TOKEN: 'a token', OTHER: 'another token' };

function parse(manifest: unknown, env: Record<string, string> = SECRETS) {
  const file = { name: 'a.yaml', directory: '.', text: JSON.stringify(manifest) };
  const parsed = parseManifests([file], env);
  expect(parsed.problems).toEqual([]);
  return parsed.manifest;
}

function workFor({ api }: MemoryPlatform, manifest: object, set?: string): Work {
  const { signal } = new AbortController();
  const named = set === undefined ? manifest : { ...manifest, set };
  const prune = set !== undefined;
  return { api, manifest: parse(named), prune, acceptUnproven: false, signal, onRead: nobody };
}

/** Carries a manifest out; with a set all that it makes is the set's, and the rest of that is pruned. */
async function apply(on: MemoryPlatform, manifest: object, set?: string): Promise<void> {
  const work = workFor(on, manifest, set);
  const planned = await makePlan(work);
  expect(planned.problems).toEqual([]);
  const settled = await carryOut(work, planned, nobody);
  expect([...settled.values()].filter(({ status }) => status !== 'done')).toEqual([]);
}

async function plan(on: MemoryPlatform, manifest: object, set?: string) {
  const { plan: planned, problems } = await makePlan(workFor(on, manifest, set));
  return {
    steps: planned.steps,
    problems: problems.map(({ line, column, message }) => ({ line, column, message })),
  };
}

/** Says of the platform, without the planner, whether the manifest is true. */
function expectTrue({ state }: MemoryPlatform, manifest: ManifestInput): void {
  for (const { name, level } of manifest.roles) {
    expect(state.roles.get(name)?.level).toBe(String(level));
  }
  for (const wanted of manifest.clients) {
    const client = state.clients.get(wanted.client_id);
    expect(client?.name).toBe(wanted.name);
    expect([client?.status, 'any']).toContain(wanted.status ?? 'any');
    for (const { email, role, reports_to: manager } of wanted.members) {
      expect(client?.members.get(email)).toEqual({ role, manager: manager ?? null });
    }
    for (const { industry, category, product, enabled = true } of wanted.products ?? []) {
      const path = `${industry}/${category}/${product}`;
      expect(client?.products.get(path)).toBe(enabled);
      expect(state.catalogue.has(path)).toBe(true);
    }
    for (const { name, scopes, rate_limit_per_minute: rate } of wanted.api_keys ?? []) {
      const held = client?.keys.get(name);
      expect(held?.scopes).toEqual(scopes?.toSorted() ?? held?.scopes);
      expect(held).toMatchObject(rate === undefined ? {} : { rate_limit_per_minute: rate });
    }
    for (const { page_id, form_id = null } of wanted.meta_sources) {
      expect([...(client?.sources.values() ?? [])]).toContainEqual({ page_id, form_id });
    }
    for (const { name, enabled, on, settings, filter } of wanted.destinations) {
      const there = client?.destinations.get(name);
      // Null is what the kind has for want of one; what is not given stays.
      const colour =
        settings.colour === undefined ? there?.settings['colour'] : (settings.colour ?? 'green');
      expect(there).toMatchObject({
        ...(enabled === undefined ? {} : { enabled }),
        settings: { board: settings.board, colour },
      });
      expect(there?.on.toSorted()).toEqual(on?.toSorted() ?? there?.on.toSorted());
      const kept = filter === undefined ? there?.filter : filter;
      expect(there?.filter.products?.length).toBe(kept?.products?.length);
      expect(there?.filter.sources?.toSorted()).toEqual(kept?.sources?.toSorted());
    }
    const held = client?.integrations.get('google_sheet_id');
    expect(held).toBe(
      wanted.integrations?.google_sheet_id === undefined
        ? held
        : (wanted.integrations.google_sheet_id ?? undefined),
    );
  }
}

const RUNS = { numRuns: 75 };

test('carrying out a plan makes the manifest true, and then there is nothing to plan', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryManifest, arbitraryManifest, async (before, after) => {
      const on = platform();
      await apply(on, before);
      await apply(on, after);
      expectTrue(on, after);
      expect((await plan(on, after)).steps).toEqual([]);
    }),
    RUNS,
  );
}, 60_000);

test('pruning leaves of a set what its manifest names, and takes nothing that others made', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(arbitraryManifest, arbitraryManifest, arbitraryManifest),
      async ([foreign, before, after]) => {
        const on = platform();
        await apply(on, foreign);
        const others = {
          roles: [...on.state.roles.keys()],
          clients: [...on.state.clients.keys()],
          members: [...on.state.clients].map(([id, { members }]) => [id, ...members.keys()]),
        };
        await apply(on, before, 'mine');
        await apply(on, after, 'mine');
        expectTrue(on, after);
        expect((await plan(on, after, 'mine')).steps).toEqual([]);
        for (const name of others.roles) expect(on.state.roles.has(name)).toBe(true);
        for (const id of others.clients) {
          expect(on.state.clients.get(id)?.status).not.toBe('archived');
        }
        for (const [id = '', ...emails] of others.members) {
          expect([...(on.state.clients.get(id)?.members.keys() ?? [])]).toEqual(
            expect.arrayContaining(emails),
          );
        }
      },
    ),
    RUNS,
  );
}, 60_000);

test('what is exported changes nothing when it is applied, here or to an empty platform', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryManifest, async (manifest) => {
      const on = platform();
      await apply(on, manifest);
      const options = { set: undefined, clients: undefined };
      const read = await readPlatform(on.api, interestInClients(undefined), nobody);
      const { manifest: exported } = exportManifest(read, options);
      expect((await plan(on, exported)).steps).toEqual([]);
      const empty = platform();
      await apply(empty, exported);
      const again = await readPlatform(empty.api, interestInClients(undefined), nobody);
      expect(exportManifest(again, options).manifest).toEqual(exported);
    }),
    RUNS,
  );
}, 60_000);

const withMembers = (...members: { email: string; role?: string; reports_to?: string }[]) => ({
  apiVersion: 'leadctl/v1',
  roles: [{ name: 'rep', level: 1 }],
  clients: [
    { client_id: 'acme', name: 'Acme', members: members.map((one) => ({ role: 'rep', ...one })) },
  ],
});

test('a manager and a report change places without a loop on the way', async () => {
  const on = platform();
  await apply(
    on,
    withMembers({ email: 'a@x.example' }, { email: 'b@x.example', reports_to: 'a@x.example' }),
  );
  const swapped = withMembers(
    { email: 'a@x.example', reports_to: 'b@x.example' },
    { email: 'b@x.example' },
  );
  const { steps } = await plan(on, swapped);
  expect(steps.map(({ identity }) => identity)).toEqual(['b@x.example', 'a@x.example']);
  await apply(on, swapped);
  const { members } = on.state.clients.get('acme') ?? {};
  expect(members?.get('a@x.example')?.manager).toBe('b@x.example');
});

test('a loop by way of members that the manifest does not name is a problem, told once', async () => {
  const on = platform();
  await apply(
    on,
    withMembers(
      { email: 'a@x.example' },
      { email: 'b@x.example', reports_to: 'a@x.example' },
      { email: 'c@x.example', reports_to: 'b@x.example' },
    ),
  );
  const looped = withMembers({ email: 'a@x.example', reports_to: 'c@x.example' });
  expect((await plan(on, looped)).problems.map(({ message }) => message)).toEqual([
    'reports in a loop: a@x.example → c@x.example → b@x.example → a@x.example',
  ]);
});

test('roles, managers and grants that are nowhere are problems where they stand, all at once', async () => {
  const manifest = withMembers(
    { email: 'boss@x.example', role: 'repp' },
    { email: 'b@x.example', reports_to: 'bos@x.example' },
    { email: 'c@x.example', reports_to: 'ghost@x.example' },
  );
  const roles = [{ name: 'rep', level: 1, grants: ['GET /api/a', 'GET /api/nonsense'] }];
  const text = JSON.stringify({ ...manifest, roles });
  const columnOf = (part: string): number => text.indexOf(part) + 1;
  expect((await plan(platform(), { ...manifest, roles })).problems).toEqual([
    {
      line: 1,
      column: columnOf('"repp"'),
      message: 'there is no role "repp"; did you mean "rep"?',
    },
    {
      line: 1,
      column: columnOf('"bos@x'),
      message: 'there is no member "bos@x.example" in acme; did you mean "boss@x.example"?',
    },
    {
      line: 1,
      column: columnOf('"ghost@x'),
      message: 'there is no member "ghost@x.example" in acme',
    },
    {
      line: 1,
      column: columnOf('"GET /api/nonsense"'),
      message:
        '"GET /api/nonsense" matches no permission; leadctl permission ls shows what there is',
    },
  ]);
});

describe('a secret', () => {
  const path = 'whatsapp.access_token';
  const manifest = {
    apiVersion: 'leadctl/v1',
    clients: [
      {
        client_id: 'acme',
        name: 'Acme',
        integrations: { whatsapp: { access_token: { fromEnv: 'TOKEN' } } },
      },
    ],
  };
  const { things } = parse(manifest, { TOKEN: 'EAAGsecret' });
  const wanted = things.find(({ kind }) => kind === 'integrations');
  const stepsFor = (mark: SecretMark) => {
    const clientThing = things[0];
    const found = [
      { ...ref('client', clientThing?.clientId ?? null, 'acme'), fields: { name: 'Acme' } },
      {
        ...ref('integrations', clientThing?.clientId ?? null, 'integrations'),
        fields: { [path]: mark },
      },
    ];
    const { steps } = planChanges(createState(found), wanted ? [wanted] : [], []);
    return steps;
  };

  test('that has the fingerprint of the one there is no change', () => {
    const fingerprint = Object(wanted?.fields[path]).fingerprint;
    expect(stepsFor(new SecretMark(fingerprint))).toEqual([]);
  });

  test('that has another, or of which nothing is told, is planned and never shown', () => {
    for (const fingerprint of ['other', undefined]) {
      const [step] = stepsFor(new SecretMark(fingerprint));
      expect(step?.changes).toEqual([{ field: path, from: '(secret)', to: '(new secret)' }]);
      expect(JSON.stringify(step)).not.toContain('EAAGsecret');
    }
  });
});

test('an archived client that the manifest names comes back; a suspended one stays suspended', async () => {
  const manifest = withMembers();
  for (const [status, changes] of [
    ['archived', [{ field: 'status', from: 'archived', to: 'active' }]],
    ['suspended', undefined],
  ] as const) {
    const on = platform();
    await apply(on, manifest);
    const client = on.state.clients.get('acme');
    if (client) client.status = status;
    expect((await plan(on, manifest)).steps[0]?.changes).toEqual(changes);
  }
});

test('only what the manifest can be compared with is asked for', async () => {
  const on = platform();
  await apply(on, { ...withMembers({ email: 'a@x.example' }), roles: [{ name: 'rep', level: 1 }] });
  on.requests.length = 0;
  await plan(on, withMembers({ email: 'a@x.example' }));
  const paths = on.requests.map((line) => line.replace(/\?.*/, ''));
  expect(paths.toSorted()).toEqual([
    'GET /api/clients',
    'GET /api/clients/acme/members',
    'GET /api/roles',
  ]);
});
