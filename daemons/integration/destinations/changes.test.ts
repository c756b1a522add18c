import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shownIn, startDestinations, type TestDestinations } from '../testing/destinations.ts';

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
