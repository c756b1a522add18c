import { expect, test } from 'vitest';
import { z } from 'zod';
import { newSigningSecret } from '../../../../lib/providers/webhook/signature.ts';
import { webhookKind } from './index.ts';
import { signingSecret, webhookSettings } from './settings.ts';

const url = 'https://crm.example.com/leads';
const takes = (settings: unknown) => webhookSettings.safeParse(settings).success;

test.each([url, 'http://crm.example.com:8080/x?y=1', 'https://[2001:db8::1]/'])(
  '%s can be set',
  (text) => {
    expect(takes({ url: text })).toBe(true);
  },
);

test.each([
  'crm.example.com',
  'ftp://crm.example.com/',
  'https://user:secret@crm.example.com/',
  'https://crm.example.com/#part',
  'javascript:alert(1)',
  '',
])('"%s" cannot', (text) => {
  expect(takes({ url: text })).toBe(false);
});

test.each([
  [{ Authorization: 'Bearer abc', 'X-Team': 'sales' }],
  [Object.fromEntries(Array.from({ length: 20 }, (_one, index) => [`x-${index}`, 'a']))],
])('headers %j can be set', (headers) => {
  expect(takes({ url, headers })).toBe(true);
});

test.each([
  [{ 'Webhook-Id': 'x' }],
  [{ 'Transfer-Encoding': 'chunked' }],
  [{ Host: 'other.example.com' }],
  [{ 'Content-Length': '1' }],
  [{ 'a b': 'x' }],
  [{ 'x-a': 'one\r\nx-b: two' }],
  [{ 'x-a': 'ä' }],
  [{ 'X-A': '1', 'x-a': '2' }],
  [Object.fromEntries(Array.from({ length: 21 }, (_one, index) => [`x-${index}`, 'a']))],
])('headers %j cannot', (headers) => {
  expect(takes({ url, headers })).toBe(false);
});

test('what is not known is refused, and the schema can be shown to people', () => {
  expect(takes({ url, uri: url })).toBe(false);
  const schema = z.toJSONSchema(webhookSettings);
  expect(schema).toMatchObject({
    required: ['url'],
    additionalProperties: false,
    properties: { url: { description: expect.any(String), format: 'uri' } },
  });
});

test('a signing secret is made, or one that the specification knows', () => {
  const { make } = webhookKind.secrets['signing_secret'] ?? {};
  expect(signingSecret.safeParse(make?.()).success).toBe(true);
  expect(signingSecret.safeParse(` ${newSigningSecret()}\n`).success).toBe(true);
  expect(signingSecret.safeParse('hunter2').success).toBe(false);
});

test('its account is the host', () => {
  expect(webhookKind.account({ url: 'https://crm.example.com:8443/a' })).toBe(
    'crm.example.com:8443',
  );
  expect(webhookKind.account({})).toBe('-');
});
