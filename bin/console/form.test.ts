import { expect, test } from 'vitest';
import * as z from 'zod';
import { leadContract } from '../../daemons/lead/contract.ts';
import { confirmation, formFor, option, word } from './form.ts';

const sent: unknown[] = [];
const key = formFor({
  title: 'A key',
  schema: leadContract.routes.createApiKey.body.schema,
  ask: { name: {}, allowed_origins: { label: 'origins' }, scopes: {}, rate_limit_per_minute: {} },
  command: (values) => `leadctl key create ${word(values['name'] ?? '')}`,
  submit: async (body) => {
    sent.push(body);
    return 'done';
  },
});
const values = {
  name: 'website',
  allowed_origins: '',
  scopes: 'leads:ingest',
  rate_limit_per_minute: '600',
};

test('a form knows from the contract what must be given, what there is to choose and what is usual', () => {
  expect(key.fields).toMatchObject([
    { name: 'name', type: 'text', required: true, initial: '' },
    { name: 'allowed_origins', label: 'origins', type: 'list', required: false },
    {
      name: 'scopes',
      type: 'list',
      initial: 'leads:ingest',
      choices: ['leads:ingest', 'leads:read'],
    },
    { name: 'rate_limit_per_minute', type: 'number', initial: '600', nullable: true },
  ]);
  expect(() => formFor({ ...key, schema: z.object({}), ask: { nope: {} } })).toThrow(/nope/);
});

test('what is wrong is said by the contract’s own rules, field by field', () => {
  expect(key.problems(values)).toEqual({});
  expect(key.problems({ ...values, name: '' })).toMatchObject({ name: 'must be given' });
  expect(key.problems({ ...values, allowed_origins: 'acme.example/x' })).toMatchObject({
    allowed_origins: expect.stringContaining('must be an origin'),
  });
  expect(key.problems({ ...values, rate_limit_per_minute: 'many' })).toMatchObject({
    rate_limit_per_minute: expect.anything(),
  });
});

test('what was typed becomes the body: numbers, lists, null for what is cleared, nothing for what is empty', async () => {
  await key.submit({ ...values, allowed_origins: 'https://a.example, https://b.example' });
  await key.submit({ ...values, rate_limit_per_minute: '' });
  expect(sent).toEqual([
    {
      name: 'website',
      allowed_origins: ['https://a.example', 'https://b.example'],
      scopes: ['leads:ingest'],
      rate_limit_per_minute: 600,
    },
    { name: 'website', scopes: ['leads:ingest'], rate_limit_per_minute: null },
  ]);
});

test('a yes or no has nothing to fill in, and its command stands as it is', () => {
  const form = confirmation({ title: 'Sure?', command: 'leadctl x', submit: async () => 'ok' });
  expect([form.fields, form.problems({}), form.command({})]).toEqual([[], {}, 'leadctl x']);
});

test('words of a command are quoted where a shell would take them apart', () => {
  expect([
    word('a@b.example'),
    word("it's $5"),
    option('--name', ' '),
    option('--name', 'A B'),
  ]).toEqual(['a@b.example', `'it'\\''s $5'`, '', " --name 'A B'"]);
});
