import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientContract } from '../../../daemons/client/contract.ts';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { startFakeServer, type FakeServer } from '../../../lib/providers/testing/fake-server.ts';
import { startTestPlatform, type TestPlatform } from '../../manifest/testing/platform.ts';
import type { TestIoOptions } from '../../testing/test-io.ts';

let platform: TestPlatform;
let receiver: FakeServer;
let dir: string;

beforeAll(async () => {
  receiver = await startFakeServer();
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-destination-'));
  const { host } = new URL(receiver.baseUrl);
  platform = await startTestPlatform({ DESTINATION_ALLOW: host });
  await platform
    .client(clientContract)
    .call('createClient', { body: { client_id: 'acme', name: 'Acme' } });
});
afterAll(async () => {
  await platform.stop();
  await receiver[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const run = (line: string | readonly string[], io: TestIoOptions = {}) => {
  const words = typeof line === 'string' ? line.split(' ') : line;
  const env = { LEADCTL_CLIENT: 'acme', ...io.env };
  return platform.run(['destination', ...words], { ...io, env });
};
const json = async (line: string) => {
  const { out, err } = await run(`${line} -o json`);
  if (out === '') throw new Error(err);
  return JSON.parse(out);
};
const answering = (status: number) => receiver.answer({ status });
const webhook = (name: string) =>
  `create ${name} --kind webhook --setting url=${receiver.baseUrl}/${name}`;

test('the kinds say what they want, whichever there are', async () => {
  const kinds = await platform.client(integrationContract).call('listDestinationKinds', {});
  const listed = await json('kinds');
  expect(listed).toEqual(kinds.ok && kinds.body);
  for (const { kind, settings_schema: schema, secrets } of listed) {
    const { out, code } = await run(`kinds ${kind} -o csv`);
    expect(code).toBe(0);
    for (const name of Object.keys(schema.properties)) expect(out).toContain(`\n"${name}`);
    for (const { name } of secrets) expect(out).toContain(`\n"${name}","secret"`);
  }
  expect((await run('kinds fax')).code).toBe(5);
});

describe('a destination', () => {
  test('is made, and the secret that was made for it is all that -o name prints, once', async () => {
    answering(204);
    const made = await run(`${webhook('crm')} -o name`);
    expect(made).toMatchObject({ code: 0 });
    expect(made.out).toMatch(/^whsec_\S+\n$/);
    expect(made.err).toContain('cannot be shown again');
    expect(receiver.requests.at(-1)?.json).toMatchObject({ type: 'leadctl.ping' });
    const secret = made.out.trim();
    for (const line of ['get crm', 'ls', 'describe crm', 'get crm -o yaml']) {
      const { out, err, code } = await run(line);
      expect([line, code]).toEqual([line, 0]);
      expect(out + err).not.toContain(secret);
    }
    expect(await run('ls -o name')).toMatchObject({ out: 'crm\n' });
    expect((await run('get crm')).out).toContain(`${receiver.baseUrl}/crm`);
    expect((await run(webhook('crm'))).code).toBe(6);
    expect(await run(`${webhook('crm')} --if-not-exists -o name`)).toMatchObject({
      code: 0,
      out: '',
    });
  });

  test('is told what is wrong with it when it is saved', async () => {
    answering(500);
    const made = await run(webhook('broken'));
    expect(made.code).toBe(0);
    expect(made.err).toContain('500');
    expect(await run('test broken')).toMatchObject({ code: 1 });
    answering(200);
    expect(await run('test broken')).toMatchObject({ code: 0 });
  });

  test('takes secrets from files and standard input, never from an argument', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const file = path.join(dir, 'secret.txt');
    await writeFile(file, `${secret}\n`);
    const fromFile = await run(`${webhook('from-file')} --secret-file signing_secret=${file}`);
    const fromStdin = await run(`${webhook('from-stdin')} --secret-stdin signing_secret`, {
      stdin: `${secret}\n`,
    });
    for (const ran of [fromFile, fromStdin]) {
      expect(ran).toMatchObject({ code: 0 });
      expect(ran.out + ran.err).not.toContain(secret);
    }
    const fingerprint = async (name: string) =>
      (await json(`get ${name}`)).secrets.signing_secret.fingerprint;
    expect(await fingerprint('from-file')).toBe(await fingerprint('from-stdin'));
    const twice = `${webhook('x')} --secret-file signing_secret=${file} --secret-stdin signing_secret`;
    expect(await run(twice, { stdin: secret })).toMatchObject({ code: 2 });
    expect(await run(`${webhook('x')} --secret-file signing_secret`)).toMatchObject({ code: 2 });
  });

  test('that lacks what its kind needs is refused with the field that is missing', async () => {
    const made = await run('create hook --kind webhook');
    expect(made.code).not.toBe(0);
    expect(made.err).toContain('--setting url: must be given');
    expect(await run('create hook')).toMatchObject({ code: 2 });
    expect((await run('create hook --kind fax')).err).toContain('webhook');
    const slack = await run('create team --kind slack');
    expect(slack.err).toContain('secrets.webhook_url');
  });

  test('asks a person for the secret that its kind needs, and does not show it', async () => {
    const made = await run('create team --kind slack', {
      tty: true,
      stdin: 'https://hooks.slack.com/services/T0/B0/x\n',
    });
    expect(made).toMatchObject({ code: 0 });
    expect(made.err).toContain('Address of the incoming webhook');
    // Nobody wants a line in the channel at every save.
    expect(made.err).toContain('leadctl destination test team');
    expect(made.out + made.err).not.toContain('T0/B0');
  });

  test('comes from a file as a whole, with what was typed over it', async () => {
    const file = path.join(dir, 'mail.yaml');
    const lines = ['kind: email', 'on: [lead.assigned]', 'settings:', '  to: [assignee]'];
    await writeFile(file, [...lines, '  subject: Lead {name}', ''].join('\n'));
    const made = await run(`create mail --file ${file} --setting to=manager,sales@acme.example`);
    expect(made).toMatchObject({ code: 0 });
    expect(await json('get mail')).toMatchObject({
      kind: 'email',
      on: ['lead.assigned'],
      settings: { to: ['manager', 'sales@acme.example'], subject: 'Lead {name}' },
    });
    const piped = await run('set mail --file -', { stdin: '{"settings":{"subject":"Hello"}}' });
    expect(piped).toMatchObject({ code: 0 });
    expect(await json('get mail')).toMatchObject({ settings: { subject: 'Hello' } });
    expect(await run('set mail --file -', { stdin: '{"setings":{}}' })).toMatchObject({ code: 1 });
  });

  test('is changed field by field, and the rest stays', async () => {
    answering(200);
    await run(`${webhook('plain')} --setting headers.Authorization=Bearer~1`);
    const set = 'set plain --on lead.created,lead.assigned --filter source=website,app';
    await run(`${set} --filter field:city=Berlin --setting headers.X-Team=7`);
    expect(await json('get plain')).toMatchObject({
      on: ['lead.created', 'lead.assigned'],
      filter: { sources: ['website', 'app'], fields: { city: 'Berlin' } },
      settings: { headers: { Authorization: 'Bearer~1', 'X-Team': '7' } },
    });
    await run('set plain --filter none --setting headers=null --name renamed');
    const { filter, settings } = await json('get renamed');
    expect([filter, Object.keys(settings)]).toEqual([{}, ['url']]);
    expect(await run('set renamed')).toMatchObject({ code: 2 });
    expect(await run('set renamed --on lead.lost')).toMatchObject({ code: 2 });
    expect(await run('set renamed --filter color=red')).toMatchObject({ code: 2 });
    expect(await run('set nobody --filter none')).toMatchObject({ code: 5 });
  });

  test('is switched off and on, released, and removed after a yes', async () => {
    answering(200);
    await run(webhook('gone'));
    expect((await run('disable gone -o json')).out).toContain('"enabled": false');
    expect((await run('enable gone -o json')).out).toContain('"enabled": true');
    expect(await json('release gone')).toEqual({ destination: 'gone', released: 0, lanes: 0 });
    const asked = await run('rm gone');
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.err).toContain('--yes');
    expect(await run('rm gone --yes')).toMatchObject({ code: 0 });
    expect(await run('get gone')).toMatchObject({ code: 5 });
  });
});
