import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type Ran, runLeadctl } from '../bin/testing/run.ts';
import { ADMIN, type Platform, startUp, type Workplace, workplace } from './platform.ts';

let at: Workplace;
let platform: Platform;
let dir: string;

beforeAll(async () => {
  at = await workplace(22_200);
  platform = await startUp(at);
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-remedies-'));
  await run(['login', '--email', ADMIN.email, '--password-stdin'], ADMIN.password);
});
afterAll(async () => {
  await platform.stop();
  await at.remove();
  await rm(dir, { recursive: true, force: true });
});

/** No client is configured: a remedy has to name it. */
function run(args: readonly string[], stdin = ''): Promise<Ran> {
  const { gateway, sandbox, demo } = platform.ready;
  const env = {
    LEADCTL_URL: gateway,
    LEADCTL_SANDBOX_URL: sandbox,
    LEADCTL_API_KEY: demo.api_key,
  };
  return runLeadctl(args, dir, { env, stdin, now: () => new Date() });
}

async function ok(line: string, stdin = ''): Promise<Ran> {
  const ran = await run(line.split(' '), stdin);
  expect([line, ran.code, ran.err]).toEqual([line, 0, ran.err]);
  return ran;
}

const findings = z.array(
  z.object({
    layer: z.string(),
    check: z.string(),
    status: z.string(),
    message: z.string(),
    remedy: z.string().nullable(),
  }),
);

async function doctor(...args: string[]) {
  const ran = await run(['doctor', '-o', 'json', ...args]);
  const found = findings.parse(JSON.parse(ran.out));
  // This leadctl is run as a version of its own.
  const wrong = found.filter(
    ({ layer, status }) => /failed|warning/.test(status) && layer !== 'version',
  );
  return { code: ran.code, wrong };
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: 15_000, message: what }).toBe(true);
}

/** What stands there in capitals is for the reader; a question is answered as a person would. */
async function paste(remedy: string): Promise<Ran> {
  const words = remedy
    .replace(/^leadctl /, '')
    .replace('PHONE_NUMBER_ID', '100000000000001')
    .replace('SPREADSHEET_ID', 'acme-leads')
    .replace('PAGE_ID', '200000000000077')
    .replace('TEMPLATE', 'new_lead')
    .replace('TAB', 'Sheet1')
    .split(' ');
  const stdin = remedy.includes('-stdin') ? 'EAAnother' : '';
  return await run(words.includes('replay') ? [...words, '--yes'] : words, stdin);
}

async function pasteAll(wrong: readonly { readonly remedy: string | null }[]): Promise<void> {
  for (const { remedy } of wrong) {
    if (remedy === null || !remedy.startsWith('leadctl ') || remedy.includes(' FILE')) continue;
    const ran = await paste(remedy);
    expect([remedy, ran.code, ran.err]).toEqual([remedy, 0, ran.err]);
  }
}

test('a client that burns is seen by the doctor of the whole platform, and its remedy releases it', async () => {
  await ok('sandbox fault add whatsapp --code 190 --status 401');
  await ok('lead ingest --name Held --phone +4930901833');
  await until('a held delivery', async () => {
    const { out } = await run('delivery ls --client acme --status held -o name'.split(' '));
    return out !== '';
  });
  const all = await doctor();
  expect(all.code).toBe(1);
  const held = all.wrong.find(({ check }) => check === 'held whatsapp');
  expect(held).toMatchObject({ layer: 'client acme', status: 'failed' });
  expect(held?.message).toContain('(190)');
  const one = await doctor('--client', 'acme');
  const lane = one.wrong.find(({ check }) => check === 'lane whatsapp');
  expect(lane?.remedy).toBe(held?.remedy);

  await ok('sandbox fault clear');
  await pasteAll([{ remedy: lane?.remedy ?? null }]);
  await until('nothing is held', async () => {
    const { out } = await run('delivery ls --client acme --status held -o name'.split(' '));
    return out === '';
  });
});

test('a back-off backlog is seen, with how long it has lasted', async () => {
  await ok('sandbox fault add google_sheets --operation append --status 429');
  await ok('lead ingest --name Throttled --email throttled@mail.example');
  let retrying: Awaited<ReturnType<typeof doctor>>['wrong'][number] | undefined;
  await until('a retrying delivery', async () => {
    const { wrong } = await doctor('--client', 'acme');
    retrying = wrong.find(({ check }) => check === 'retrying');
    return retrying !== undefined;
  });
  expect(retrying?.message).toMatch(
    /being tried again, the oldest since \S+ \(RESOURCE_EXHAUSTED\)/,
  );
  let everywhere: Awaited<ReturnType<typeof doctor>>['wrong'] = [];
  // Between two tries it is under way, and no backlog for a moment.
  await until('seen from everywhere', async () => {
    everywhere = (await doctor()).wrong.filter(({ check }) => check === 'retrying');
    return everywhere.length > 0;
  });
  expect(everywhere[0]).toMatchObject({
    layer: 'client acme',
    remedy: 'leadctl doctor --client acme',
  });
  await pasteAll(retrying === undefined ? [] : [retrying]);
  await ok('sandbox fault clear');
});

test('what a form was refused is seen by doctor, dashboard and refusals', async () => {
  const { gateway, demo } = platform.ready;
  const refused = await fetch(`${gateway}/api/leads/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': demo.api_key },
    body: '{}',
  });
  expect(refused.status).toBe(422);
  await until('the refusal is counted', async () => {
    const { wrong } = await doctor();
    return wrong.some(({ check }) => check === 'refused');
  });
  const { wrong } = await doctor('--client', 'acme');
  const finding = wrong.find(({ check }) => check === 'refused');
  expect(finding?.message).toContain('validation_failed');
  await pasteAll(finding === undefined ? [] : [finding]);
  const board = await ok('dashboard --client acme -o json --jq .clients[].refused[].reason');
  expect(board.out).toContain('validation_failed');
});

test('an empty client: every remedy can be typed as it stands, and mends what it is for', async () => {
  await ok('client create empty');
  await ok('integration set --whatsapp on --client empty');
  const before = await doctor('--client', 'empty');
  const checks = before.wrong.map(({ check }) => check);
  expect(checks).toEqual(
    expect.arrayContaining(['whatsapp.phone_number_id', 'whatsapp.template', 'live']),
  );
  for (const { remedy } of before.wrong)
    expect(remedy).toMatch(/--client empty|^leadctl \w+ \w+ empty/);
  await pasteAll(before.wrong);
  const after = (await doctor('--client', 'empty')).wrong.map(({ check }) => check);
  expect(after).not.toContain('whatsapp.phone_number_id');
  expect(after).not.toContain('whatsapp.template');
  expect(after).not.toContain('live');

  await ok('client suspend empty --yes');
  const suspended = (await doctor('--client', 'empty')).wrong.find(
    ({ layer }) => layer === 'client',
  );
  await pasteAll(suspended === undefined ? [] : [suspended]);
  expect((await ok('client get empty --jq .status')).out).toBe('active\n');
});

test('an unknown client is not found, whatever is asked about it', async () => {
  const lines = [
    'lead ls',
    'lead export',
    'lead tail --limit 1',
    'delivery ls',
    'delivery replay --dry-run',
    'key ls',
    'member ls',
    'meta source ls',
    'product offered',
    'dashboard -o name',
    'hierarchy tree',
    'integration get',
    'refusals',
    'listen --forward-to http://127.0.0.1:9 --limit 1',
    'client describe nosuch',
  ];
  for (const line of lines) {
    const ran = await run([...line.split(' '), '--client', 'nosuch']);
    expect([line, ran.code, ran.out]).toEqual([line, 5, '']);
    expect(ran.err).toContain('leadctl client ls');
  }
});
