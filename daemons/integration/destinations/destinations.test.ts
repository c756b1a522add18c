import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
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
const errorsOf = (body: { readonly path: string }) =>
  expect.objectContaining({ errors: [expect.objectContaining(body)] });

describe('the kinds', () => {
  test('are listed with the schema of their settings and what their secrets are', async () => {
    const answer = await t.admin().call('listDestinationKinds', {});
    if (!answer.ok) throw new Error(JSON.stringify(answer.problem));
    const kinds = new Map(answer.body.map((kind) => [kind.kind, kind]));
    expect(kinds.get('note')).toMatchObject({
      title: 'Note on a board',
      settings_schema: {
        type: 'object',
        // What has a default need not be given.
        required: ['board'],
        properties: {
          board: { type: 'string', description: 'The board' },
          colour: { enum: ['red', 'green'], default: 'green' },
        },
      },
      secrets: [
        { name: 'token', title: 'Token of the board', required: true, made_when_missing: false },
        { name: 'pin', title: 'Signs each note', required: true, made_when_missing: true },
        { name: 'comment', required: false, made_when_missing: false },
      ],
    });
    expect(kinds.get('google_sheets')?.settings_schema['required']).toEqual(['spreadsheet_id']);
    expect([...kinds.values()].every(({ settings_schema: s }) => s['type'] === 'object')).toBe(
      true,
    );
  });
});

describe('a destination', () => {
  test('is made with the defaults of its kind, and read back', async () => {
    const client = await t.client();
    const made = await t.ask('POST', `${client}/destinations`, NOTE);
    expect(made).toMatchObject({
      status: 201,
      body: {
        client_id: client,
        name: 'board',
        kind: 'note',
        enabled: true,
        on: ['lead.created'],
        filter: {},
        settings: { board: 'b1', colour: 'green' },
        version: 1,
        disabled: null,
        held: [],
        warnings: [],
      },
    });
    const id = await t.note(client, { name: 'other' });
    const read = await t.ask('GET', `${client}/destinations/${id}`);
    expect(read).toMatchObject({ status: 200, body: { id, name: 'other' } });
    const first = await t.ask('GET', `${client}/destinations?limit=1`);
    expect(first.body).toMatchObject({
      data: [{ name: 'board' }],
      next_cursor: expect.any(String),
    });
    const { next_cursor: cursor } = z.object({ next_cursor: z.string() }).parse(first.body);
    const rest = await t.ask('GET', `${client}/destinations?limit=1&cursor=${cursor}`);
    expect(rest.body).toMatchObject({ data: [{ id }], next_cursor: null });
  });

  test.each([
    ['a name with capitals', { name: 'Board' }, { path: 'body.name' }],
    ['a name that is too long', { name: 'a'.repeat(64) }, { path: 'body.name' }],
    ['a kind that there is not', { kind: 'fax' }, { path: 'body.kind' }],
    ['a setting of the wrong type', { settings: { board: 7 } }, { path: 'body.settings.board' }],
    ['a setting missing', { settings: {} }, { path: 'body.settings.board' }],
    [
      'a setting that is unknown',
      { settings: { board: 'b', bord: 'c' } },
      { path: 'body.settings' },
    ],
    [
      'a setting wrong deep inside',
      { settings: { board: 'b', layout: { columns: 0, title: 'x' } } },
      { path: 'body.settings.layout.columns' },
    ],
    ['a secret missing', { secrets: {} }, { path: 'body.secrets.token' }],
    [
      'a secret that there is none of to keep',
      { secrets: { token: { set: true } } },
      { path: 'body.secrets.token' },
    ],
    ['a secret of the wrong form', { secrets: { token: 'x' } }, { path: 'body.secrets.token' }],
    [
      'a secret that is unknown',
      { secrets: { token: 'abc', tokn: 'abc' } },
      { path: 'body.secrets.tokn' },
    ],
    ['an event that is unknown', { on: ['lead.lost'] }, { path: 'body.on.0' }],
    ['an event twice', { on: ['lead.created', 'lead.created'] }, { path: 'body.on' }],
    ['no event', { on: [] }, { path: 'body.on' }],
    ['a filter that is unknown', { filter: { colour: 'red' } }, { path: 'body.filter' }],
    ['the name of an integration for another kind', { name: 'whatsapp' }, { path: 'body.name' }],
    ['a field that is unknown', { colour: 'red' }, { path: 'body' }],
  ])('with %s is refused', async (_what, over, error) => {
    const client = await t.client();
    const answer = await t.ask('POST', `${client}/destinations`, { ...NOTE, ...over });
    expect(answer).toMatchObject({ status: 422, body: errorsOf(error) });
    expect(await t.ask('GET', `${client}/destinations`)).toMatchObject({ body: { data: [] } });
  });

  test('of a name that is taken is refused, and so is renaming to it', async () => {
    const client = await t.client();
    await t.note(client);
    const id = await t.note(client, { name: 'second' });
    const again = await t.ask('POST', `${client}/destinations`, NOTE);
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const renamed = await t.ask('PATCH', `${client}/destinations/${id}`, { name: 'board' });
    expect(renamed).toMatchObject({ status: 409, body: { code: 'conflict' } });
    // Of another client it is free.
    await t.note(await t.client());
  });

  test('is made once, however many ask at a time', async () => {
    const client = await t.client();
    const asked = Array.from({ length: 6 }, () => t.ask('POST', `${client}/destinations`, NOTE));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test('beyond the hundredth is refused', async () => {
    const client = await t.client();
    await t.kit.pool.query(
      `INSERT INTO destinations (id, client_id, name, kind)
       SELECT gen_random_uuid(), $1, 'n' || i, 'note' FROM generate_series(1, 100) i`,
      [client],
    );
    const answer = await t.ask('POST', `${client}/destinations`, NOTE);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(answer.text).toContain('100 destinations');
  });

  test('of a client that is not there, or of another, is not found', async () => {
    expect(await t.ask('GET', 'nobody/destinations')).toMatchObject({ status: 404 });
    expect(await t.ask('POST', 'nobody/destinations', NOTE)).toMatchObject({ status: 404 });
    const id = await t.note(await t.client());
    const path = `${await t.client()}/destinations/${id}`;
    for (const [method, what, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { enabled: false }],
      ['DELETE', '', undefined],
      ['POST', '/test', undefined],
      ['POST', '/release', undefined],
      ['POST', '/backfill', {}],
    ] as const) {
      expect(await t.ask(method, `${path}${what}`, body)).toMatchObject({ status: 404 });
    }
  });
});

describe('a change', () => {
  test('merges settings key by key, and null clears one that may be missing', async () => {
    const client = await t.client();
    const id = await t.note(client, { settings: { board: 'b1', colour: 'red', label: 'hot' } });
    const path = `${client}/destinations/${id}`;
    const changed = await t.ask('PATCH', path, { settings: { label: null, board: 'b2' } });
    expect(changed).toMatchObject({
      status: 200,
      body: { settings: { board: 'b2', colour: 'red' }, version: 2 },
    });
    expect(changed.text).not.toContain('hot');
    const cleared = await t.ask('PATCH', path, { settings: { board: null } });
    expect(cleared).toMatchObject({ status: 422, body: errorsOf({ path: 'body.settings.board' }) });
  });

  test('makes a version that deliveries can be replayed under, and an audit row without secrets', async () => {
    const client = await t.client();
    const id = await t.note(client);
    await t.ask('PATCH', `${client}/destinations/${id}`, {
      name: 'wall',
      on: ['lead.created', 'lead.assigned'],
      filter: { sources: ['website'] },
      settings: { board: 'b2' },
      secrets: { token: 'another token' },
    });
    const versions = await t.kit.pool.query(
      'SELECT version, settings FROM destination_versions WHERE destination_id = $1 ORDER BY version',
      [id],
    );
    expect(versions.rows).toEqual([
      { version: 1, settings: { board: 'b1', colour: 'green' } },
      { version: 2, settings: { board: 'b2', colour: 'green' } },
    ]);
    const { rows } = await t.kit.pool.query(
      'SELECT action, target_id, detail FROM audit_log WHERE client_id = $1 ORDER BY at, id',
      [client],
    );
    expect(rows).toEqual([
      {
        action: 'destination.create',
        target_id: id,
        detail: { name: 'board', kind: 'note', enabled: true },
      },
      {
        action: 'destination.update',
        target_id: id,
        detail: {
          name: 'wall',
          changed: ['name', 'on', 'filter', 'settings.board', 'secrets.token'],
          version: 2,
        },
      },
    ]);
  });

  test('that changes nothing makes no version and no audit row', async () => {
    const client = await t.client();
    const id = await t.note(client, {
      settings: { board: 'b', layout: { title: 'x', columns: 2 } },
    });
    const same = await t.ask('PATCH', `${client}/destinations/${id}`, {
      kind: 'note',
      name: 'board',
      enabled: true,
      settings: { layout: { columns: 2, title: 'x' } },
      secrets: { token: 'a token', pin: { set: true, updated_at: 'whenever' } },
    });
    expect(same).toMatchObject({ status: 200, body: { version: 1 } });
    const { rows } = await t.kit.pool.query('SELECT action FROM audit_log WHERE client_id = $1', [
      client,
    ]);
    expect(rows).toEqual([{ action: 'destination.create' }]);
  });

  test.each([
    ['of the kind', { kind: 'whatsapp' }, { path: 'body.kind' }],
    ['of nothing', {}, { path: 'body' }],
    [
      'to the name of an integration of another kind',
      { name: 'google_sheets' },
      { path: 'body.name' },
    ],
    [
      'that clears a secret it cannot do without',
      { secrets: { pin: null } },
      { path: 'body.secrets.pin' },
    ],
    ['of a secret that is unknown', { secrets: { nip: 'pin_2' } }, { path: 'body.secrets.nip' }],
  ])('%s is refused', async (_what, change, error) => {
    const client = await t.client();
    const id = await t.note(client);
    const answer = await t.ask('PATCH', `${client}/destinations/${id}`, change);
    expect(answer).toMatchObject({ status: 422, body: errorsOf(error) });
  });

  test('switches one on again that the platform had switched off', async () => {
    const client = await t.client();
    const id = await t.note(client);
    await t.kit.pool.query(
      `UPDATE destinations SET enabled = false, disabled_code = 'gone', disabled_message = 'It said 410.'
       WHERE id = $1`,
      [id],
    );
    const path = `${client}/destinations/${id}`;
    const disabled = { code: 'gone', message: 'It said 410.' };
    expect((await t.ask('GET', path)).body).toMatchObject({ enabled: false, disabled });
    const moved = await t.ask('PATCH', path, { settings: { board: 'b2' } });
    expect(moved.body).toMatchObject({ enabled: false, disabled });
    const on = await t.ask('PATCH', path, { enabled: true });
    expect(on.body).toMatchObject({ enabled: true, disabled: null });
  });

  test('is told what a check says of it, unless nobody wants to know', async () => {
    const client = await t.client();
    const secrets = { token: 'wrong' };
    const refused = [{ code: 'denied', message: 'The board says no.', remedy: 'Ask its owner.' }];
    const made = await t.ask('POST', `${client}/destinations`, { ...NOTE, secrets });
    expect(made).toMatchObject({ status: 201, body: { warnings: refused } });
    const { id } = shownIn(made.body);
    const path = `${client}/destinations/${id}`;
    const change = { settings: { board: 'b2' } };
    expect((await t.ask('PATCH', path, change)).body).toMatchObject({ warnings: refused });
    expect(
      (await t.ask('PATCH', `${path}?lint=false`, { settings: { board: 'b3' } })).body,
    ).toMatchObject({
      warnings: [],
    });
    // A check that breaks is no failed save.
    expect(await t.ask('PATCH', path, { settings: { board: 'broken' } })).toMatchObject({
      status: 200,
      body: { settings: { board: 'broken' }, warnings: [{ code: 'not_checked' }] },
    });
  });

  test('is not checked unasked where people see the check', async () => {
    const client = await t.client();
    const wrong = { ...NOTE, kind: 'bell', secrets: { token: 'wrong' } };
    const refused = { warnings: [{ code: 'denied' }] };
    const made = await t.ask('POST', `${client}/destinations`, wrong);
    expect(made).toMatchObject({ status: 201, body: { warnings: [] } });
    const path = `${client}/destinations/${shownIn(made.body).id}`;
    const move = (board: string) => ({ settings: { board } });
    expect((await t.ask('PATCH', path, move('b2'))).body).toMatchObject({ warnings: [] });
    expect((await t.ask('PATCH', `${path}?lint=true`, move('b3'))).body).toMatchObject(refused);
    const asked = await t.ask('POST', `${client}/destinations?lint=true`, {
      ...wrong,
      name: 'other',
    });
    expect(asked.body).toMatchObject(refused);
    const kinds = await t.admin().call('listDestinationKinds', {});
    const loud = kinds.ok ? kinds.body.filter((kind) => !kind.check_is_silent) : [];
    expect(loud.map(({ kind }) => kind)).toEqual(['slack', 'bell']);
  });

  test('can be tried before a lead is', async () => {
    const client = await t.client();
    const id = await t.note(client, { secrets: { token: 'wrong' } });
    const path = `${client}/destinations/${id}`;
    expect(await t.ask('POST', `${path}/test`)).toMatchObject({
      status: 200,
      body: {
        destination: { id, name: 'board', kind: 'note' },
        ok: false,
        checks: [{ name: 'board', status: 'failed', code: 'denied' }],
      },
    });
    await t.ask('PATCH', path, { secrets: { token: 'right' } });
    expect(await t.ask('POST', `${path}/test`)).toMatchObject({ body: { ok: true } });
  });
});

describe('a secret', () => {
  const secretsOf = (body: unknown) => shownIn(body).secrets;

  test('is read back as a mark, whichever way it is asked for', async () => {
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

  test('that nobody gave is made, and shown once', async () => {
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

  test('that is replaced is used beside the new one for as long as its kind says', async () => {
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

  test('that nobody needs can be cleared', async () => {
    const client = await t.client();
    const id = await t.note(client, { secrets: { token: 'abc', comment: 'none' } });
    const path = `${client}/destinations/${id}`;
    expect(secretsOf((await t.ask('GET', path)).body)['comment']).toMatchObject({ set: true });
    const cleared = await t.ask('PATCH', path, { secrets: { comment: null } });
    expect(cleared.body).toMatchObject({ version: 2, secrets: { comment: null } });
  });
});
