import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { unique } from '../../../lib/testing/factories.ts';
import { asAdmin, asUser } from '../../../lib/testing/identities.ts';
import { clientContract, type ClientContract } from '../contract.ts';
import { createClientDaemon } from '../daemon.ts';

let bench: TestBench<ClientContract>;

beforeAll(async () => {
  bench = await openTestBench({ contract: clientContract, create: createClientDaemon });
});

afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());
const role = (identity: string) => ({ kind: 'role', client_id: null, identity }) as const;
const member = (client_id: string, identity: string) =>
  ({ kind: 'member', client_id, identity }) as const;

async function claim(
  set: string,
  entries: (ReturnType<typeof role> | ReturnType<typeof member>)[],
) {
  expect(
    await admin().call('claimSetEntries', { params: { set }, body: { entries } }),
  ).toMatchObject({ ok: true, status: 204 });
}

async function identities(set: string): Promise<string[]> {
  const result = await admin().call('listSetEntries', { params: { set }, query: { limit: 200 } });
  if (!result.ok) throw new Error(result.problem.detail);
  return result.body.data.map(({ client_id, identity }) => `${client_id ?? ''}/${identity}`);
}

test('what a set claims is listed once, however often it is claimed', async () => {
  const set = `s-${unique()}`;
  const boss = `boss-${unique()}`;
  const entries = [role(boss), member('acme', 'a@acme.example'), member('bolt', 'a@acme.example')];
  await claim(set, entries);
  await claim(set, entries);
  expect((await identities(set)).toSorted()).toEqual([
    `/${boss}`,
    'acme/a@acme.example',
    'bolt/a@acme.example',
  ]);
});

test('what one request names twice is claimed once', async () => {
  const set = `s-${unique()}`;
  const boss = `boss-${unique()}`;
  await claim(set, [role(boss), member('acme', boss), role(boss)]);
  await claim(`other-${unique()}`, [role(boss), role(boss)]);
  expect(await identities(set)).toEqual([`acme/${boss}`]);
});

test('a thing is of one set at a time: the last that made it', async () => {
  const [first, second, boss] = [`s-${unique()}`, `s-${unique()}`, `boss-${unique()}`];
  await claim(first, [role(boss)]);
  await claim(second, [role(boss)]);
  expect(await identities(first)).toEqual([]);
  expect(await identities(second)).toEqual([`/${boss}`]);
});

test('a set releases its own entries and nobody else’s', async () => {
  const [mine, theirs] = [`s-${unique()}`, `s-${unique()}`];
  const [ours, other] = [role(`r-${unique()}`), role(`r-${unique()}`)];
  await claim(mine, [ours]);
  await claim(theirs, [other]);
  const body = { entries: [ours, other] };
  await admin().call('releaseSetEntries', { params: { set: mine }, body });
  expect(await identities(mine)).toEqual([]);
  expect(await identities(theirs)).toEqual([`/${other.identity}`]);
});

test('claims of the same things at once all succeed', async () => {
  const set = `s-${unique()}`;
  const entries = Array.from({ length: 50 }, () => role(`r-${unique()}`));
  await Promise.all(
    Array.from({ length: 8 }, (_, at) => claim(set, at % 2 ? entries : entries.toReversed())),
  );
  expect(await identities(set)).toHaveLength(50);
});

test('pages through a set', async () => {
  const set = `s-${unique()}`;
  await claim(
    set,
    Array.from({ length: 5 }, () => role(`r-${unique()}`)),
  );
  const first = await admin().call('listSetEntries', { params: { set }, query: { limit: 3 } });
  const cursor = first.ok ? (first.body.next_cursor ?? undefined) : undefined;
  const rest = await admin().call('listSetEntries', { params: { set }, query: { cursor } });
  expect(first.ok && first.body.data).toHaveLength(3);
  expect(rest.ok && rest.body.data).toHaveLength(2);
});

test('is for admins', async () => {
  const someone = bench.daemon.client(asUser({ id: '00000000-0000-7000-8000-000000000001' }));
  const set = `s-${unique()}`;
  expect(await someone.call('listSetEntries', { params: { set } })).toMatchObject({
    ok: false,
    problem: { status: 403 },
  });
});
