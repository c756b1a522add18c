import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { type Ran, runLeadctl } from '../bin/testing/run.ts';
import { commandTree } from '../bin/testing/tree.ts';
import { ASKING, ELSEWHERE, READS, REPEATABLE } from './every-command.ts';
import { ADMIN, type Platform, startUp, type Workplace, workplace } from './platform.ts';

let at: Workplace;
let platform: Platform;
let dir: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  at = await workplace(21_600);
  platform = await startUp(at);
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-operator-'));
  await run(['login', '--email', ADMIN.email, '--password-stdin'], ADMIN.password);
  ids['lead'] = await out('lead ingest --name First --phone +4930901820 -o name');
  await out('key create spare');
  await out('token create spare --role rep');
  await vi.waitFor(
    async () => {
      ids['delivery'] = await out('delivery ls --status delivered --limit 1 -o name');
      if (ids['delivery'] === '') throw new Error('no delivery went through yet');
    },
    { timeout: 10_000, interval: 50 },
  );
});

afterAll(async () => {
  await platform.stop();
  await at.remove();
  await rm(dir, { recursive: true, force: true });
});

function run(args: readonly string[], stdin = ''): Promise<Ran> {
  const { gateway, sandbox, demo } = platform.ready;
  const env = {
    LEADCTL_URL: gateway,
    LEADCTL_SANDBOX_URL: sandbox,
    LEADCTL_CLIENT: demo.client_id,
    LEADCTL_API_KEY: demo.api_key,
  };
  return runLeadctl(args, dir, { env, stdin, now: () => new Date() });
}

const leadctl = (line: string): Promise<Ran> => run(line.split(' '));

/** Of a command that must succeed. */
async function out(line: string): Promise<string> {
  const ran = await leadctl(line);
  expect([line, ran.code, ran.err]).toEqual([line, 0, ran.err]);
  return ran.out.trim();
}

async function json(line: string): Promise<unknown> {
  return JSON.parse(await out(`${line} -o json`));
}

/** With the platform's own ids in their places; `~` is a blank within a word. */
function filled(line: string): string[] {
  const words = line.replaceAll(/\{(lead|delivery)\}/g, (_all, what: string) => ids[what] ?? '');
  return words.split(' ').map((word) => word.replaceAll('~', ' '));
}

async function inEveryFormat(line: string): Promise<{ json: string; yaml: string }> {
  const printed = { json: '', yaml: '', table: '', wide: '', csv: '', name: '' };
  for (const format of ['json', 'yaml', 'table', 'wide', 'csv', 'name'] as const) {
    const ran = await run([...filled(line), '-o', format]);
    expect([format, ran.code, ran.err]).toEqual([format, 0, ran.err]);
    printed[format] = ran.out;
  }
  return printed;
}

/** What two answers have in common: of what changes nothing, everything; else the names of their fields. */
function shapeOf(line: string, value: unknown): unknown {
  const doesNotChange = READS.some((read) => read === line);
  if (doesNotChange || typeof value !== 'object' || value === null) return value;
  return Object.keys(Array.isArray(value) ? { ...value[0] } : value);
}

describe('an operator', () => {
  test.each([...READS, ...REPEATABLE])('gets pure data from `%s` in every format', async (line) => {
    const { json: asJson, yaml: asYaml, ...others } = await inEveryFormat(line);
    for (const text of [asJson, asYaml, ...Object.values(others)]) {
      // oxlint-disable-next-line no-control-regex
      expect(text).not.toMatch(/\u001b|undefined|\[object/);
    }
    const seen = [JSON.parse(asJson), parseYaml(asYaml)].map((value) => shapeOf(line, value));
    expect(seen[1]).toEqual(seen[0]);
  });

  test.each(ASKING)('is not asked by `%s` off a terminal, and nothing is done', async (line) => {
    const ran = await run(filled(line));
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/There is no terminal to ask at\nTry: add --yes/);
  });

  test('has every command in one of these walks', async () => {
    const walked = [...READS, ...REPEATABLE, ...ASKING, ...ELSEWHERE].map(
      (line) => `leadctl ${line} `,
    );
    const { commands } = await commandTree();
    const forgotten = commands
      .filter(({ acts, path: name }) => acts && !walked.some((line) => line.startsWith(`${name} `)))
      .map(({ path: name }) => name);
    expect(forgotten).toEqual([]);
  });

  test('builds a team by names and e-mails, and asks who may do what', async () => {
    const leads = '/api/clients/{client_id}/leads';
    await run(['role', 'create', 'agent', '--level', '30', '--grant', `GET ${leads}/**`]);
    expect((await leadctl('role create agent --level 30')).code).toBe(6);
    expect((await leadctl('role create agent --level 30 --if-not-exists')).code).toBe(0);
    const pw = path.join(dir, 'pw');
    await writeFile(pw, 'a password of a test');
    await out(`user create agent@acme.example --password-file ${pw}`);
    await out('member add agent@acme.example --role agent --reports-to rep@acme.example');
    expect(await out('hierarchy tree')).toMatch(/└─ agent@acme.example {2,}agent/);

    const canI = (method: string) => run(['can-i', method, leads, '--as', 'agent@acme.example']);
    expect((await canI('GET')).code).toBe(0);
    expect((await canI('POST')).code).toBe(1);
    const revoked = await run(['role', 'revoke', 'agent', `GET ${leads}`, '-y', '-o', 'name']);
    expect(revoked.out).toBe(`GET ${leads}\n`);
    expect((await canI('GET')).code).toBe(1);

    expect((await leadctl('hierarchy check boss@acme.example agent@acme.example')).code).toBe(0);
    expect((await leadctl('hierarchy check agent@acme.example boss@acme.example')).code).toBe(1);
    const loop = await leadctl('member move boss@acme.example --to agent@acme.example');
    expect(loop.code).toBe(6);
    await out('member move agent@acme.example --to boss@acme.example');
    await out('member set agent@acme.example --role rep');
    expect((await leadctl('member rm agent@acme.example')).err).toContain(
      'agent@acme.example (rep)',
    );
    await out('member rm agent@acme.example -y');
    await out('user disable agent@acme.example -y');
    await out('role rm agent -y');
  });

  test('takes a client from nothing to its first delivered lead, asked step by step, and goes on where it was', async () => {
    const { gateway, sandbox } = platform.ready;
    const env = { LEADCTL_URL: gateway, LEADCTL_SANDBOX_URL: sandbox };
    const onboard = (typed: readonly string[]): Promise<Ran> =>
      runLeadctl(['onboard', 'initech'], dir, {
        env,
        tty: true,
        stdin: typed.map((line) => `${line}\n`).join(''),
        now: () => new Date(),
      });
    const answers = ['Initech', 'DE', 'peter@initech.example', 'rep', 'https://initech.example'];
    // Ctrl-D: they were called away.
    const first = await onboard([...answers, '\u0004']);
    expect(first.code).toBe(3);
    expect(first.err).toMatch(/Made website[\s\S]*_live_/);
    const key = /\S+_live_\S+/.exec(first.err)?.[0] ?? '';
    const whatsapp = ['whatsapp', '100000000000001', 'EAAtoken', 'new_lead', 'en_US', 'name'];
    const second = await onboard([...whatsapp, '+4930901899', key]);
    expect([second.code, second.err]).toEqual([0, second.err]);
    expect(second.err).toContain('✓ initech is active');
    expect(second.err).toContain('✓ peter@initech.example is a member');
    expect(second.err).not.toContain('EAAtoken');
    expect(second.err).toMatch(/Lead \S+: whatsapp delivered/);
    const third = await onboard([]);
    expect(third.err).toMatch(/✓ lead \S+ was delivered to whatsapp/);
  });

  test('keeps the catalogue by paths', async () => {
    expect((await leadctl('category create Home/Solar')).code).toBe(5);
    await out('industry create Home');
    await out('category create Home/Solar');
    await out('product create Home/Solar/Roof');
    await out('product create Garden/Ponds/Koi --parents');
    await out('product rm Garden/Ponds/Koi -y');
    await out('category rm Garden/Ponds -y');
    await out('industry rm Garden -y');
    expect((await leadctl('product create Home/Solar/Roof')).code).toBe(6);
    await out('product create Home/Solar/Roof --if-not-exists');
    expect(await out('product ls --in Home/Solar -o name')).toBe('Home/Solar/Roof');
    await out('product attach Home/Solar/Roof');
    expect(await json('product disable Home/Solar/Roof')).toMatchObject({ enabled: false });
    expect((await leadctl('product rm Home/Solar/Roof -y')).code).toBe(6);
    await out('product detach Home/Solar/Roof -y');
    await out('product rm Home/Solar/Roof -y');
    await out('category rm Home/Solar -y');
    await out('industry rm Home -y');
  });

  test('follows a lead through its deliveries', async () => {
    const id = await out(
      // A number of its own: the examples above have written to theirs as often as a day allows.
      'lead ingest --name Ada --email ada@mail.example --phone +4930901877 -o name',
    );
    await expect
      .poll(() => json(`delivery ls --lead ${id} --status delivered`), { timeout: 10_000 })
      .toHaveLength(5);
    const [delivery = ''] = (await out(`delivery ls --lead ${id} -o name`)).split('\n');
    expect(await json(`delivery get ${delivery}`)).toMatchObject({ attempt_log: [{ number: 1 }] });
    expect((await leadctl(`delivery retry ${delivery}`)).code).toBe(6);
    expect(await json('delivery replay --dry-run')).toMatchObject({ count: 0, dry_run: true });
    expect(await out(`lead trace ${id}`)).toContain('delivery.delivered');
    await out(`lead assign ${id} rep@acme.example`);
    expect(await out('lead ls --assigned-to rep@acme.example --limit 1 -q -o name')).toBe(id);
  });

  test('sets up and tests an integration', async () => {
    expect(await json('integration set --sheet-name Sheet1')).toMatchObject({
      config: { google_sheets: { sheet_name: 'Sheet1' } },
    });
    expect((await leadctl('integration set')).code).toBe(2);
    expect(await out('integration get')).not.toMatch(/BEGIN PRIVATE KEY/);
    expect(await json('integration test whatsapp')).toMatchObject([{ name: 'phone_number' }, {}]);
    await out('integration set --sheet-name Leads');
  });

  test('sees what Meta sent, and fetches what its webhooks missed', async () => {
    const page = '4242';
    const send = `webhook trigger leadgen --page ${page} --form 7 -o name`;
    await out(send);
    await expect
      .poll(() => json('webhook events --status unmapped'), { timeout: 10_000 })
      .toMatchObject([{ page_id: page }]);
    await out(`meta source add ${page} --form 7`);
    await expect.poll(() => json('lead ls --source facebook'), { timeout: 10_000 }).toHaveLength(1);
    await out(`${send} --no-notify`);
    const report = await json(`meta reconcile --source ${page}/7 --since 1h`);
    expect(report).toMatchObject([{ missing: 1, filled: 1 }]);
    await out(`meta source rm ${page}/7 -y`);
    expect((await leadctl(`meta source rm ${page}/7 -y`)).code).toBe(5);
  });

  test('is told of a client that does not exist, and of a route that does not', async () => {
    for (const line of ['webhook events', 'lead ls', 'delivery replay --dry-run', 'key ls']) {
      const ran = await leadctl(`${line} --client nosuch`);
      expect([line, ran.code, ran.out]).toEqual([line, 5, '']);
      expect(ran.err).toContain('There is no client nosuch.');
    }
    const canI = await leadctl('can-i POST /api/nonsense');
    expect([canI.code, canI.out]).toEqual([5, '']);
    expect(canI.err).toContain('No operation is POST /api/nonsense');
  });

  test('reads what is wrong with the options that they typed', async () => {
    const ran = await leadctl('key create wrong --origin acme.example/x');
    expect(ran.code).not.toBe(0);
    expect(ran.err).toContain('--origin: must be an origin');
    expect(ran.err).not.toContain('body.');
    const noFile = await leadctl('apply -f nosuch.yaml');
    expect(noFile.err).toContain('There is no such file or directory.');
    expect(noFile.err).not.toContain('ENOENT');
  });

  test('is given whole commands by a test of an integration, also at 80 columns', async () => {
    await out('client create bare --name Bare');
    const ran = await runLeadctl(
      ['integration', 'test', 'google_sheets', '--client', 'bare'],
      dir,
      { env: { LEADCTL_URL: platform.ready.gateway }, tty: true, now: () => new Date() },
    );
    expect(ran.code).toBe(1);
    const printed = ran.out + ran.err;
    expect(printed).toContain('not_configured');
    expect(printed).toContain(
      '→ leadctl integration set --service-account-file FILE --client bare\n',
    );
    for (const line of ran.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const mapped = await leadctl('meta source add 424242 --client bare');
    expect(mapped.err).toContain('bare has no page token');
  });

  test('completes ids, paths of products, sources and what can be granted', async () => {
    const values = async (kind: string) => (await out(`__complete ${kind}`)).split('\n');
    expect(await values('leads')).toContain(ids['lead']);
    const newest = await out('delivery ls --limit 20 --status delivered -o name');
    expect(await values('deliveries')).toEqual(
      expect.arrayContaining(newest.split('\n').slice(-1)),
    );
    const products = await values('products');
    const offered = (await out('product offered -o name')).split('\n');
    expect(products).toEqual(expect.arrayContaining(offered));
    expect(await values('users')).toContain(ADMIN.email);
    expect(await values('sources')).toEqual((await out('meta source ls -o name')).split('\n'));
    expect(await values('tokens')).toContain('spare');
    expect(await values('operations')).toContain('GET /api/clients/{client_id}/leads');
    expect(await values('paths')).toContain('/api/clients/{client_id}/leads');
    expect(await values('methods')).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
  });

  test('sees who of the members can log in', async () => {
    const members = z.array(z.object({ email: z.string(), user_status: z.string() }));
    const listed = members.parse(await json('member ls'));
    expect(listed.find(({ email }) => email === 'rep@acme.example')?.user_status).toBe('invited');
    expect(await out('member ls')).toMatch(/rep@acme.example +invited/);
  });

  test('is told which port is taken before anything starts', async () => {
    const port = Number(new URL(platform.ready.gateway).port);
    const data = path.join(dir, 'second');
    const ran = await leadctl(`up --data-dir ${data} --port-base ${port}`);
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain(`Port ${port} (gateway) is taken by another program`);
    expect(ran.err).toMatch(/Try: leadctl up --port-base \d+/);
    expect(existsSync(path.join(data, 'log'))).toBe(false);
  });
});
