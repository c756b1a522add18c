import { expect, test } from 'vitest';
import { storePayload } from '../../../../lib/db/payload.ts';
import { saysNo } from './consent.ts';

const NOS: readonly unknown[] = [
  false,
  0,
  'false',
  ' No ',
  'OFF',
  '0',
  ['no'],
  { granted: false },
  { marketing: { given: 'no', at: '2026-01-01' } },
  { whatsapp: false, email: true },
  [
    { checkbox_key: 'terms', is_checked: '1' },
    { checkbox_key: 'contact', is_checked: '' },
  ],
  [{ checkbox_key: 'contact', is_checked: false }],
  { custom_disclaimer_responses: [{ checkbox_key: 'contact', is_checked: '' }] },
];

test.each(NOS.map((consent) => [JSON.stringify(consent)]))('%s says no', (consent) => {
  expect(saysNo(consent)).toBe(true);
});

const OTHERS: readonly unknown[] = [
  null,
  true,
  1,
  'yes',
  '',
  {},
  [],
  'I agree that there is no charge',
  { whatsapp: true, email: false },
  { text: 'Privacy policy', version: 3, at: '2026-01-01' },
  [{ checkbox_key: 'contact', is_checked: '1' }],
  [{ checkbox_key: 'contact', is_checked: true }],
];

test.each(OTHERS.map((consent) => [JSON.stringify(consent)]))('%s does not say no', (consent) => {
  expect(saysNo(consent)).toBe(false);
});

test('nothing said is no refusal, and no depth is too deep', () => {
  expect(saysNo(null)).toBe(false);
  const deep = (inner: string) => '['.repeat(50_000) + inner + ']'.repeat(50_000);
  expect(saysNo(deep('"no"'))).toBe(true);
  expect(saysNo(deep('"yes"'))).toBe(false);
});

test('what ingestion keeps as text is heard like anything else', () => {
  const deep = `${'['.repeat(100)}"no"${']'.repeat(100)}`;
  expect(saysNo(storePayload('{"granted":false,"version":1e1}'))).toBe(true);
  expect(saysNo(storePayload('{"granted":true,"version":1e1}'))).toBe(false);
  expect(saysNo(storePayload(deep))).toBe(true);
  expect(saysNo('{"_unparsed":"no JSON"}')).toBe(false);
});
