import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeGateway, startFakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

let dir: string;
let gateway: FakeGateway;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-guided-'));
  gateway = await startFakeGateway({
    'POST /api/clients': ({ body }) => ({
      status: 201,
      body: {
        status: 'active',
        created_at: '2026-03-01T12:00:00.000Z',
        updated_at: '2026-03-01T12:00:00.000Z',
        ...Object(body),
      },
    }),
    'GET /api/destination-kinds': () => ({
      body: [
        {
          kind: 'webhook',
          title: 'Webhook',
          settings_schema: {
            type: 'object',
            required: ['url'],
            properties: { url: { type: 'string', description: 'Where each lead is posted to' } },
          },
          check_is_silent: true,
          secrets: [],
        },
      ],
    }),
    'GET /api/roles': () => ({
      body: {
        data: [
          {
            id: '01890000-0000-7000-8000-000000000001',
            name: 'rep',
            level: '20',
            description: null,
            created_at: '2026-03-01T12:00:00.000Z',
            updated_at: '2026-03-01T12:00:00.000Z',
          },
        ],
        next_cursor: null,
      },
    }),
  });
});
afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = (words: string, typed: readonly string[], tty = true) =>
  runLeadctl(words.split(' '), dir, {
    tty,
    stdin: typed.map((line) => `${line}\n`).join(''),
    env: { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't', LEADCTL_CLIENT: 'acme' },
  });

test('a person who names nothing is asked, wrong answers are said, and the whole command at the end', async () => {
  const ran = await run('client create', ['Not An Id', 'globex', 'Globex & Sons', 'de']);
  expect(ran.code).toBe(0);
  expect(ran.err).toContain('must be 1–64 characters');
  expect(ran.err).toContain(
    `The same in one line: leadctl client create globex --name 'Globex & Sons' --default-country de`,
  );
  expect(gateway.seen.at(-1)?.body).toEqual({
    client_id: 'globex',
    name: 'Globex & Sons',
    default_country: 'de',
  });
});

test('what was given is not asked for; what may be left out is', async () => {
  const ran = await run('client create --name Globex', ['globex', '']);
  expect([ran.code, ran.err.includes('Name, for people')]).toEqual([0, false]);
  expect(gateway.seen.at(-1)?.body).toMatchObject({ client_id: 'globex', name: 'Globex' });
});

test('choices are the platform’s own', async () => {
  const ran = await run('member add', ['new@acme.example', 'boss', 'rep', '']);
  expect(ran.err).toContain('Role (rep)');
  expect(ran.err).toContain('One of those');
  expect(gateway.seen.at(-1)).toMatchObject({
    line: 'POST /api/clients/acme/members',
    body: { email: 'new@acme.example', role: 'rep' },
  });
});

test('a destination is asked for what its kind cannot be without', async () => {
  const ran = await run('destination create', ['crm', 'fax', 'webhook', '', 'https://x.example/a']);
  expect(ran.err).toContain('Kind (webhook)');
  expect(ran.err).toContain('One of those');
  expect(ran.err).toContain('Where each lead is posted to');
  expect(ran.err).toContain(
    'The same in one line: leadctl destination create crm --kind webhook --setting url=https://x.example/a --client acme',
  );
  expect(gateway.seen.at(-1)).toMatchObject({
    line: 'POST /api/clients/acme/destinations',
    body: { name: 'crm', kind: 'webhook', settings: { url: 'https://x.example/a' } },
  });
});

test.each([
  'client create',
  'member add',
  'role create',
  'key create',
  'product create',
  'onboard',
  'destination create',
])('off a terminal %s asks nothing and sends nothing', async (words) => {
  const ran = await run(words, ['x', 'y', 'z'], false);
  expect([ran.code, ran.out, gateway.seen]).toEqual([2, '', []]);
  expect(ran.err).toMatch(/^Error: .*\nTry: /);
});
