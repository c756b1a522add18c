import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { generateManifest } from '../bench/generate-manifest.ts';
import { clientContract } from '../daemons/client/contract.ts';
import { userContract } from '../daemons/user/contract.ts';
import { clientIdSchema } from '../lib/core/ids.ts';
import { startTestPlatform, type TestPlatform } from '../bin/manifest/testing/platform.ts';

let platform: TestPlatform;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leadctl-test-apply-'));
  platform = await startTestPlatform();
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
});

const LEADCTL = join(import.meta.dirname, '../bin/leadctl');
const EXAMPLE = 'examples/acme.yaml';
const env = { ACME_WA_TOKEN: 'EAAGwhatsapp', ACME_PAGE_TOKEN: 'EAAGpage' };

const apply = (stdin: string, ...more: string[]) =>
  platform.run(['apply', '-f', '-', '--yes', '-o', 'json', ...more], { stdin });
const diff = (stdin: string, ...more: string[]) =>
  platform.run(['diff', '-f', '-', '-o', 'name', ...more], { stdin });

interface Row {
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly error: string | null;
  readonly key?: string;
  readonly set_password_url?: string;
}
const rowsOf = ({ out }: { readonly out: string }): Row[] => JSON.parse(out);

async function memberEmails(clientId: string): Promise<string[]> {
  const params = { client_id: clientIdSchema.parse(clientId) };
  const query = { limit: 200 };
  const answer = await platform.client(userContract).call('listMembers', { params, query });
  if (!answer.ok) throw new Error(answer.problem.detail);
  return answer.body.data.map(({ email }) => email).toSorted();
}

describe('the example', () => {
  test('off a terminal and without --yes is shown and not applied', async () => {
    const ran = await platform.run(['apply', '-f', EXAMPLE], { env });
    expect(ran.code).toBe(2);
    expect(ran.out).toContain('boss@acme-motors.example');
    expect(ran.err).toContain('--yes');
    expect((await platform.run(['diff', '-f', EXAMPLE], { env })).code).toBe(2);
  });

  test('is applied with the secrets of the environment; then there is nothing left to do', async () => {
    const first = await platform.run(['apply', '-f', EXAMPLE, '--yes', '-o', 'json'], { env });
    expect(first).toMatchObject({ code: 0 });
    const rows = rowsOf(first);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['done']));
    expect(rows.filter(({ key }) => key?.startsWith('acmemotors_live_'))).toHaveLength(2);
    expect(
      rows.filter(({ set_password_url: url }) => url?.includes('/account/#token=')),
    ).toHaveLength(4);
    expect(first.out + first.err).not.toMatch(/EAAG/);
    expect(await platform.run(['diff', '-f', EXAMPLE], { env })).toMatchObject({
      code: 0,
      out: '',
    });
    const again = await platform.run(['apply', '-f', EXAMPLE], { env });
    expect(again).toMatchObject({ code: 0, out: '' });
  });

  test('is exported to what changes nothing, without its secrets', async () => {
    const exported = await platform.run(['export', 'acme-motors', '--set', 'acme-motors']);
    expect(exported).toMatchObject({ code: 0 });
    expect(exported.out).toContain('access_token: { fromEnv: ACME_MOTORS_WHATSAPP_ACCESS_TOKEN }');
    expect(exported.out).not.toMatch(/EAAG/);
    // As they were given, not route by route.
    expect(exported.out).toContain('- "* /api/clients/{client_id}/leads/**"');
    expect(exported.out).toContain('- GET /api/clients/{client_id}/leads/**');
    expect(exported.out).not.toContain('timeline');
    expect(await diff(exported.out)).toMatchObject({ code: 0, out: '' });
    expect(await diff((await platform.run(['export', '-o', 'json'])).out)).toMatchObject({
      code: 0,
    });
  });

  test('shows that a secret is another one, and not which', async () => {
    const other = { ...env, ACME_WA_TOKEN: 'EAAGother' };
    const ran = await platform.run(['diff', '-f', EXAMPLE], { env: other });
    expect(ran.code).toBe(2);
    expect(ran.out).toContain('whatsapp.access_token: (secret) → (new secret)');
    expect(ran.out + ran.err).not.toMatch(/EAAG/);
  });

  test('with a variable that is not set is refused by name and line', async () => {
    const { ACME_WA_TOKEN: _none, ...rest } = env;
    const ran = await platform.run(['diff', '-f', EXAMPLE], { env: rest });
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/acme\.yaml:\d+:\d+: .*ACME_WA_TOKEN is not set/);
  });
});

const small = (id: string, rest: Record<string, unknown> = {}, top: Record<string, unknown> = {}) =>
  stringify({
    apiVersion: 'leadctl/v1',
    roles: [{ name: 'small', level: '40' }],
    ...top,
    clients: [{ client_id: id, name: id, ...rest }],
  });
const member = (name: string, to?: string) => ({
  email: `${name}@small.example`,
  role: 'small',
  ...(to === undefined ? {} : { reports_to: `${to}@small.example` }),
});

test('pruning removes what the set made and the manifest names no more, and nothing else', async () => {
  const set = { set: 'pruned' };
  const before = {
    members: [member('a'), member('b', 'a'), member('c', 'b')],
    api_keys: [{ name: 'one' }, { name: 'two' }],
  };
  expect(await apply(small('pruned', before, set))).toMatchObject({ code: 0 });
  expect(await apply(small('pruned', { members: [member('z')] }))).toMatchObject({ code: 0 });
  const after = { members: [member('a'), member('c', 'a')], api_keys: [{ name: 'two' }] };
  const wanted = small('pruned', after, set);
  expect((await diff(wanted, '--prune')).out).toBe(
    'member/pruned/c@small.example\napi_key/pruned/one\nmember/pruned/b@small.example\n',
  );
  expect((await diff(wanted)).out).toBe('member/pruned/c@small.example\n');
  expect(await apply(wanted, '--prune')).toMatchObject({ code: 0 });
  expect(await memberEmails('pruned')).toEqual(
    ['a', 'c', 'z'].map((name) => `${name}@small.example`),
  );
  expect(await diff(wanted, '--prune')).toMatchObject({ code: 0 });
});

test('at a terminal asks before it does anything, and takes no for an answer', async () => {
  const file = join(directory, 'asked.yaml');
  await writeFile(file, small('asked', { api_keys: [{ name: 'site' }] }));
  const at = (answer: string) =>
    platform.run(['apply', '-f', file], { tty: true, stdin: `${answer}\n` });
  const no = await at('n');
  expect(no).toMatchObject({ code: 3 });
  expect(no.out).toMatch(/\+ +client +asked/);
  expect((await platform.run(['diff', '-f', file])).code).toBe(2);
  const yes = await at('y');
  expect(yes.code).toBe(0);
  expect(yes.out).toMatch(/^ {2}asked_live_\w{30,}$/m);
  expect(yes.err).toContain('Applying');
});

test('an interruption stops it, says what is done and ends with 130', async () => {
  const text = stringify(generateManifest({ clients: 20, members: 100, prefix: 'stopped' }));
  const stop = new AbortController();
  const running = platform.run(['apply', '-f', '-', '--yes', '-o', 'json'], {
    stdin: text,
    interruption: () => stop.signal,
  });
  await expect
    .poll(async () => (await clientsOf('stopped')).length, { timeout: 20_000 })
    .toBeGreaterThan(2);
  stop.abort();
  const ran = await running;
  expect(ran.code).toBe(130);
  const done = rowsOf(ran).filter(({ status }) => status === 'done');
  expect(done.length).toBeGreaterThan(2);
  expect(rowsOf(ran).length).toBeGreaterThan(done.length);
  expect(await apply(text)).toMatchObject({ code: 0 });
  expect(await diff(text)).toMatchObject({ code: 0, out: '' });
}, 60_000);

test('pruning without a set is a usage error', async () => {
  expect(await apply(small('unset'), '--prune')).toMatchObject({ code: 2 });
});

test('a key is changed in place: its value is not replaced', async () => {
  const of = (scopes: string[]) => small('keys', { api_keys: [{ name: 'site', scopes }] });
  await apply(of(['leads:ingest']));
  const changed = rowsOf(await apply(of(['leads:read'])));
  expect(changed).toMatchObject([{ action: 'update', kind: 'api_key', status: 'done' }]);
  expect(changed[0]).not.toHaveProperty('key');
});

test('what cannot be done is said, the rest is done, and the exit code is 7', async () => {
  await apply(small('holder', { meta_sources: [{ page_id: '4711' }] }));
  const ran = await apply(
    small('loser', { members: [member('l')], meta_sources: [{ page_id: '4711' }] }),
  );
  expect(ran.code).toBe(7);
  const open = rowsOf(ran).filter(({ status }) => status !== 'done');
  expect(open).toMatchObject([{ kind: 'meta_source', status: 'failed' }]);
  expect(open[0]?.error).toContain('another client');
  expect(await memberEmails('loser')).toEqual(['l@small.example']);
});

test('a mistake of the manifest changes nothing', async () => {
  const ran = await apply(small('mistaken', { members: [{ ...member('m'), role: 'smal' }] }));
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('did you mean \\"small\\"?');
  const { call } = platform.client(clientContract);
  expect(await call('clientAvailability', { params: { client_id: 'mistaken' } })).toMatchObject({
    ok: true,
    body: { available: true },
  });
});

test('mistakes of all sorts are told at once, each where it stands', async () => {
  const text = `apiVersion: leadctl/v1
roles:
  - { name: small, level: "40", grants: ["GET /api/nonsense"] }
  - { name: wrong, level: high }
clients:
  - client_id: sorts
    name: Sorts
    members:
      - { email: a@small.example, role: smal }
      - { email: b@small.example, role: wrong }
      - { email: c@small.example, role: small, reports_to: ghost@small.example }
    api_keys: [{ name: site, scopes: [leads:write] }]
`;
  const file = join(directory, 'sorts.yaml');
  await writeFile(file, text);
  const { code, err } = await platform.run(['apply', '-f', file, '--yes']);
  expect(code).toBe(1);
  const told = [...err.matchAll(/sorts\.yaml:(\d+:\d+): (.*)/g)].map(
    ([, at, what]) => `${at} ${what}`,
  );
  expect(told).toEqual([
    '3:42 "GET /api/nonsense" matches no permission; leadctl permission ls shows what there is',
    expect.stringMatching(/^4:27 roles\[1\]\.level: must be a whole number/),
    '9:41 there is no role "smal"; did you mean "small"?',
    '11:60 there is no member "ghost@small.example" in sorts',
    '12:39 clients[0].api_keys[0].scopes[0]: must be "leads:ingest" or "leads:read"',
  ]);
});

test('a plan names the grants that a role gains and loses', async () => {
  const of = (...grants: string[]) =>
    stringify({ apiVersion: 'leadctl/v1', roles: [{ name: 'reviewed', level: '40', grants }] });
  await apply(of('GET /api/roles', 'GET /api/clients/{client_id}/leads'));
  const stdin = of('GET /api/roles', 'GET /api/clients/{client_id}/members');
  const { out } = await platform.run(['diff', '-f', '-'], { stdin });
  expect(out).toContain(
    '\nGrants of reviewed:\n  + GET /api/clients/{client_id}/members\n  - GET /api/clients/{client_id}/leads\n',
  );
});

test('two that apply the same at once both succeed, and make everything once', async () => {
  const text = stringify(generateManifest({ clients: 6, members: 60, prefix: 'race' }));
  const both = await Promise.all([apply(text), apply(text), apply(text)]);
  expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(both.flatMap(rowsOf).filter(({ key }) => key !== undefined)).toHaveLength(6);
  expect(await diff(text, '--prune')).toMatchObject({ code: 0, out: '' });
  const exported = await platform.run(['export', '--client', 'race-0', '-o', 'json']);
  expect(JSON.parse(exported.out).clients[0].members).toHaveLength(10);
}, 60_000);

test('one that is killed half-way is finished by the next, and its set knows all of it', async () => {
  const text = stringify(generateManifest({ clients: 20, members: 200, prefix: 'killed' }));
  const file = join(directory, 'killed.yaml');
  await writeFile(file, text);
  const child = spawn(LEADCTL, ['apply', '-f', file, '--yes'], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, LEADCTL_URL: platform.url, LEADCTL_TOKEN: platform.token },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await expect
    .poll(async () => (await clientsOf('killed')).length, { timeout: 20_000 })
    .toBeGreaterThan(3);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await ended;
  expect((await clientsOf('killed')).length).toBeLessThan(20);
  expect(await apply(text)).toMatchObject({ code: 0 });
  expect(await diff(text)).toMatchObject({ code: 0, out: '' });
  const nothing = 'apiVersion: leadctl/v1\nset: killed\n';
  expect(await apply(nothing, '--prune')).toMatchObject({ code: 0 });
  expect(await clientsOf('killed')).toEqual([]);
}, 60_000);

async function clientsOf(prefix: string): Promise<string[]> {
  const query = { limit: 200, status: 'active' } as const;
  const answer = await platform.client(clientContract).call('listClients', { query });
  if (!answer.ok) throw new Error(answer.problem.detail);
  return answer.body.data
    .map(({ client_id: id }) => id)
    .filter((id) => id.startsWith(`${prefix}-`));
}
