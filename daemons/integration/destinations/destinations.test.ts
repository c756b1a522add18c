import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startDestinations, type TestDestinations } from '../testing/destinations.ts';

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
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409, 409]);
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
