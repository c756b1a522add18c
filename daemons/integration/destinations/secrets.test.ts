import { afterAll, beforeAll, expect, test } from 'vitest';
import { shownIn, startDestinations, type TestDestinations } from '../testing/destinations.ts';
import { markOf } from './secrets.ts';

let t: TestDestinations;

beforeAll(async () => {
  t = await startDestinations();
});
afterAll(() => t.stop());

const NOTE = {
  name: 'board',
  kind: 'note',
  settings: { board: 'b1' },
  secrets: { token: 'a token' },
};
const secretsOf = (body: unknown) => shownIn(body).secrets;

test('a secret is read back as a mark, whichever way it is asked for', async () => {
  const client = await t.client();
  const secret = 'a very secret token';
  const made = await t.ask('POST', `${client}/destinations`, {
    ...NOTE,
    secrets: { token: secret },
  });
  const { id } = shownIn(made.body);
  const place = { id, kind: 'note', client_id: client };
  expect(secretsOf(made.body)['token']).toEqual({
    set: true,
    updated_at: expect.any(String),
    fingerprint: markOf(place, 'token', secret),
  });
  expect(secretsOf(made.body)['comment']).toBeNull();
  const path = `${client}/destinations/${id}`;
  const answers = [
    made,
    await t.ask('GET', path),
    await t.ask('GET', `${client}/destinations`),
    await t.ask('PATCH', path, { name: 'wall', secrets: { token: `${secret} too` } }),
    await t.ask('POST', `${path}/test`),
    await t.ask('PATCH', path, { secrets: { token: [secret] } }),
  ];
  for (const { text } of answers) expect(text).not.toContain(secret);
  const { rows } = await t.kit.pool.query(
    `SELECT CAST(secrets AS text) AS s, (SELECT string_agg(CAST(detail AS text), '') FROM audit_log
         WHERE client_id = $1) AS a, (SELECT string_agg(CAST(settings AS text), '')
         FROM destination_versions WHERE client_id = $1) AS v FROM destinations WHERE client_id = $1`,
    [client],
  );
  expect(JSON.stringify(rows)).not.toContain(secret);
});

test('a secret that nobody gave is made, and shown once', async () => {
  const client = await t.client();
  const made = await t.ask('POST', `${client}/destinations`, NOTE);
  const value = secretsOf(made.body)['pin']?.value;
  expect(value).toMatch(/^pin_/);
  const { id } = shownIn(made.body);
  const path = `${client}/destinations/${id}`;
  const later = [
    await t.ask('GET', path),
    await t.ask('GET', `${client}/destinations`),
    await t.ask('PATCH', path, { enabled: false }),
  ];
  for (const { text } of later) expect(text).not.toContain(value);
  const given = await t.ask('POST', `${client}/destinations`, {
    ...NOTE,
    name: 'given',
    secrets: { token: 'abc', pin: 'pin_mine' },
  });
  expect(given.text).not.toContain('pin_mine');
  expect(secretsOf(given.body)['pin']).not.toHaveProperty('value');
});

test('a secret that is replaced is used beside the new one for as long as its kind says', async () => {
  const client = await t.client();
  const id = await t.note(client, { secrets: { token: 'abc', pin: 'pin_1' } });
  const path = `${client}/destinations/${id}`;
  const change = { secrets: { pin: 'pin_2', token: 'def' } };
  const { pin, token } = secretsOf((await t.ask('PATCH', path, change)).body);
  const until = pin?.previous_until ?? '';
  expect(Date.parse(until)).toBeGreaterThan(Date.now() + 86_000_000);
  expect(token).not.toHaveProperty('previous_until');
  // What was read back can be sent, and leaves all as it is.
  const kept = await t.ask('PATCH', path, {
    secrets: { pin },
  });
  expect(kept.body).toMatchObject({ version: 2, secrets: { pin: { previous_until: until } } });
});

test('a secret that nobody needs can be cleared', async () => {
  const client = await t.client();
  const id = await t.note(client, { secrets: { token: 'abc', comment: 'none' } });
  const path = `${client}/destinations/${id}`;
  expect(secretsOf((await t.ask('GET', path)).body)['comment']).toMatchObject({ set: true });
  const cleared = await t.ask('PATCH', path, { secrets: { comment: null } });
  expect(cleared.body).toMatchObject({ version: 2, secrets: { comment: null } });
});
