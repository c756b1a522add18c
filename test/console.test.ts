import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandContext } from '../bin/cli/context.ts';
import { readGlobalFlags } from '../bin/cli/flags.ts';
import { createProgram } from '../bin/cli/program.ts';
import { allOperations } from '../bin/client/contracts.ts';
import { connect } from '../bin/client/gateway.ts';
import { createConfigStore } from '../bin/config/store.ts';
import type { ConsoleEnv } from '../bin/console/env.ts';
import type { Action, Entry, Listing } from '../bin/console/resource.ts';
import { allResources } from '../bin/console/resources/index.ts';
import { rightsIn } from '../bin/console/rights.ts';
import { createTestIo } from '../bin/testing/test-io.ts';
import { commandTree } from '../bin/testing/tree.ts';
import {
  accessToken,
  getJson,
  type Platform,
  startUp,
  type Workplace,
  workplace,
} from './platform.ts';

let at: Workplace;
let platform: Platform;
let dir: string;
let env: ConsoleEnv;
const resources = allResources();

beforeAll(async () => {
  at = await workplace(22_400);
  platform = await startUp(at);
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-console-'));
  env = await envWith(await accessToken(platform.ready.gateway));
});
afterAll(async () => {
  await platform.stop();
  await at.remove();
  await rm(dir, { recursive: true, force: true });
});

async function envWith(token: string): Promise<ConsoleEnv> {
  const { signal } = new AbortController();
  const deps = {
    io: createTestIo({ env: { LEADCTL_URL: platform.ready.gateway, LEADCTL_TOKEN: token } }),
    now: () => new Date(),
    version: 'test',
    store: createConfigStore(dir),
    interruption: () => signal,
  };
  const gateway = await connect(
    createCommandContext(deps, readGlobalFlags(createProgram(deps).command)),
  );
  const client = 'acme';
  const may = await rightsIn(gateway, client);
  return { gateway, client, now: () => new Date(), reveal: false, may, signal };
}

async function view(name: string, as = env): Promise<Listing> {
  const found = resources.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no view ${name}`);
  return await found.load(as);
}

function actionOf(actions: readonly Action[], label: string): Action {
  const found = actions.find((one) => one.label.startsWith(label));
  if (found === undefined) throw new Error(`'${label}' is not offered`);
  return found;
}

async function act(actions: readonly Action[], label: string, typed: Record<string, string> = {}) {
  const form = await actionOf(actions, label).form();
  const initial = Object.fromEntries(form.fields.map((field) => [field.name, field.initial]));
  const values = { ...initial, ...typed };
  expect([label, form.problems(values)]).toEqual([label, {}]);
  return await form.submit(values);
}

function entry({ entries }: Listing, text: string): Entry {
  const found = entries.find(({ search }) => search.includes(text));
  if (found === undefined) throw new Error(`nothing has '${text}' in it`);
  return found;
}

const lead = async (): Promise<void> => {
  const { gateway, demo } = platform.ready;
  const sent = await fetch(`${gateway}/api/leads/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': demo.api_key },
    body: JSON.stringify({ name: 'Ada Lovelace', email: 'ada@mail.example' }),
  });
  expect(sent.status).toBe(201);
};

describe('the console, on a whole platform', () => {
  test('shows every view and every detail, masked, and offers only operations there are', async () => {
    await lead();
    await expect.poll(async () => (await view('deliveries')).entries.length).toBeGreaterThan(0);
    const known = new Set(
      (await allOperations()).map(({ route }) => `${route.method} ${route.path}`),
    );
    const { root } = await commandTree();
    for (const { name, needs, headings } of resources) {
      expect([name, known.has(needs.join(' '))]).toEqual([name, true]);
      const listing = await view(name);
      const actions = [...listing.actions];
      for (const one of listing.entries.slice(0, 3)) {
        expect(one.cells).toHaveLength(headings.length);
        expect((await one.detail()).length).toBeGreaterThan(0);
        expect(JSON.stringify(one.cells)).not.toMatch(/Lovelace|ada@|undefined|\[object/);
        actions.push(...one.actions);
      }
      for (const action of actions) {
        expect([action.label, known.has(action.needs.join(' '))]).toEqual([action.label, true]);
        const form = await action.form();
        const [word, noun, verb] = form.command({}).split(' ');
        const command = root.commands.find((one) => one.name() === noun);
        expect([action.label, word, command?.name()]).toEqual([action.label, 'leadctl', noun]);
        const verbs = command?.commands.map((one) => one.name()) ?? [];
        expect([action.label, verbs.length === 0 || verbs.includes(verb ?? '')]).toEqual([
          action.label,
          true,
        ]);
      }
    }
  });

  test('takes a client from nothing through keys, members and the tree', async () => {
    await act((await view('clients')).actions, 'Create', { client_id: 'globex', name: 'Globex' });
    await act(entry(await view('clients'), 'globex').actions, 'Suspend');
    expect(entry(await view('clients'), 'globex').cells).toContain('suspended');
    await act(entry(await view('clients'), 'globex').actions, 'Activate');

    const made = await act((await view('keys')).actions, 'Create', { name: 'console' });
    expect(made).toMatch(/\n\w+_live_\S+\n/);
    await act(entry(await view('keys'), 'console').actions, 'Change', {
      allowed_origins: 'https://acme.example',
    });
    await act(entry(await view('keys'), 'console').actions, 'Revoke');

    await act((await view('members')).actions, 'Add', { email: 'new@acme.example', role: 'rep' });
    await act(entry(await view('members'), 'new@').actions, 'Move', { to: 'lead@acme.example' });
    const tree = await view('members');
    expect(entry(tree, 'new@').depth).toBe(entry(tree, 'lead@').depth + 1);
    await act(entry(tree, 'new@').actions, 'Remove');
  });

  test('grants and revokes in the matrix', async () => {
    const before = await view('grants');
    const row = before.entries.findIndex(({ id }) => id === 'GET /api/audit');
    const column = before.matrix?.columns.indexOf('rep') ?? -1;
    expect(before.matrix?.has(row, column)).toBe(false);
    for (const wanted of [true, false]) {
      const { matrix } = await view('grants');
      if (matrix === undefined) throw new Error('no matrix');
      const form = await matrix.toggle(row, column).form();
      await form.submit({});
      expect((await view('grants')).matrix?.has(row, column)).toBe(wanted);
    }
  });

  test('works on a lead, and tells its story', async () => {
    await lead();
    const newest = (): Promise<Entry | undefined> =>
      view('leads').then(({ entries }) => entries[0]);
    const one = await newest();
    await act(one?.actions ?? [], 'Set the status', { status: 'contacted' });
    await act(one?.actions ?? [], 'Assign', { to: 'rep@acme.example' });
    expect((await newest())?.cells).toContain('contacted');
    const story = (await one?.detail())?.map(({ name, text }) => `${name} ${text}`).join('\n');
    expect(story).toMatch(/received[\s\S]*contacted/);
    const form = await actionOf(one?.actions ?? [], 'Erase').form();
    expect(form.problems({ end: 'nope' })).not.toEqual({});
    await form.submit({ end: one?.id.slice(-6) ?? '' });
  });

  test('offers to those who may only read nothing to do', async () => {
    const { gateway } = platform.ready;
    const headers = {
      authorization: `Bearer ${await accessToken(gateway)}`,
      'content-type': 'application/json',
    };
    const post = (where: string, body: unknown): Promise<Record<string, unknown>> =>
      getJson(`${gateway}${where}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const role = await post('/api/roles', { name: 'reader', level: '50' });
    const grants = ['GET /api/clients/{client_id}/**'];
    await post(`/api/roles/${String(role['id'])}/permissions`, { grants });
    const made = await post('/api/tokens', { name: 'reader', client_id: 'acme', role: 'reader' });
    const reader = await envWith(String(made['token']));
    for (const name of ['leads', 'deliveries', 'members', 'keys', 'integrations']) {
      const listing = await view(name, reader);
      const offered = [...listing.actions, ...listing.entries.flatMap(({ actions }) => actions)];
      const changing = offered.filter(({ needs: [method] }) => method !== 'GET');
      expect([name, changing]).toEqual([name, []]);
    }
    expect(reader.may('GET', '/api/roles')).toBe(false);
    const home = (await view('home', reader)).entries.map(({ id }) => id);
    expect(home).toContain('leads');
    expect(home).not.toContain('roles');
  });
});
