import { expect, test } from 'vitest';
import { resultLines } from './result-lines.ts';
import type { ResultRow } from './view.ts';

const row = (given: Partial<ResultRow>): ResultRow => ({
  action: 'create',
  kind: 'api_key',
  client_id: 'acme',
  name: 'website',
  changes: [],
  status: 'done',
  error: null,
  ...given,
});

test('a value that is shown once is shown whole, on a line of its own', () => {
  const key = `acme_live_${'x'.repeat(200)}`;
  expect(resultLines([row({ key })])).toBe(`\nAPI key website of acme:\n  ${key}\n`);
});

test('an invitation is a whole link, or the news that it was mailed', () => {
  const invited = { kind: 'member', name: 'rep@acme.example', expires_at: 'tomorrow' } as const;
  const link = 'https://leads.example/account/#token=abc';
  expect(resultLines([row({ ...invited, emailed: false, set_password_url: link })])).toBe(
    `\nInvitation of rep@acme.example to acme, until tomorrow; send them this link:\n  ${link}\n`,
  );
  expect(resultLines([row({ ...invited, emailed: true })])).toBe(
    '\nInvitation of rep@acme.example to acme: mailed to them\n',
  );
});

test('what failed comes before what was skipped for it, and what went well is not listed', () => {
  const rows = [
    row({ status: 'skipped', error: 'something it needs is not done' }),
    row({}),
    row({ kind: 'client', name: 'acme', client_id: null, status: 'failed', error: 'No.' }),
  ];
  expect(resultLines(rows)).toBe(
    '\nFailed: client acme\n  No.\nSkipped: api key acme website\n  something it needs is not done\n',
  );
  expect(resultLines([row({})])).toBe('');
});
