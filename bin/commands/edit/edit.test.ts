import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeGateway, startFakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

const AT = '2026-03-01T12:00:00.000Z';
const ACME = { client_id: 'acme', name: 'Acme', status: 'active', default_country: null };

let dir: string;
let gateway: FakeGateway;
let name: string;
let reads: number;
/** Somebody else renames it while the editor is open. */
let isChangedMeanwhile: boolean;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-edit-test-'));
  name = 'Acme';
  reads = 0;
  isChangedMeanwhile = false;
  const shown = () => ({ ...ACME, name, created_at: AT, updated_at: AT });
  gateway = await startFakeGateway({
    'GET /api/clients/acme': () => {
      reads += 1;
      if (isChangedMeanwhile && reads > 1) name = 'Theirs';
      return { body: shown() };
    },
    'PATCH /api/clients/acme': ({ body }) => {
      name = String(Reflect.get(Object(body), 'name') ?? name);
      return { body: shown() };
    },
  });
});
afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

/** An editor that does this to the file, in place of a person. */
async function edit(sed: string) {
  const editor = path.join(dir, 'editor.sh');
  await writeFile(editor, `#!/bin/sh\nsed -i -e '${sed}' "$1"\n`, { mode: 0o700 });
  const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't', EDITOR: editor };
  return await runLeadctl(['edit', 'client', 'acme'], dir, { env });
}
const patches = () => gateway.seen.filter(({ line }) => line.startsWith('PATCH'));

test('only what was changed is sent', async () => {
  const ran = await edit('s/name: Acme/name: Acme Ltd/');
  expect([ran.code, ran.err]).toEqual([0, 'Changed the client acme: name\n']);
  expect(patches().map(({ body }) => body)).toEqual([{ name: 'Acme Ltd' }]);
});

test('nothing is sent where nothing was changed', async () => {
  expect(await edit('s/nothing//')).toMatchObject({ code: 0, err: 'Nothing was changed\n' });
  expect(patches()).toEqual([]);
});

test('what somebody else changed meanwhile is not overwritten', async () => {
  isChangedMeanwhile = true;
  const ran = await edit('s/name: Acme/name: Mine/');
  expect(ran.code).toBe(6);
  expect(ran.err).toContain('was changed by somebody else meanwhile');
  expect([name, patches()]).toEqual(['Theirs', []]);
});

test.each([
  ['s/default_country: null/default_country: Germany/', 'default_country: '],
  ['s/name:/title:/', 'cannot be changed: title'],
  ['s/name: Acme/name: "Acme/', 'Missing closing'],
])('what is wrong is refused before anything is sent: %s', async (sed, told) => {
  const ran = await edit(sed);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('nothing was changed');
  expect(ran.err).toContain(told);
  expect(patches()).toEqual([]);
});

test('an editor that gives up changes nothing, and one that is missing is said', async () => {
  const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't' };
  const gaveUp = await runLeadctl(['edit', 'client', 'acme'], dir, {
    env: { ...env, EDITOR: 'false' },
  });
  expect([gaveUp.code, patches()]).toEqual([1, []]);
  const none = await runLeadctl(['edit', 'client', 'acme'], dir, { env });
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('set EDITOR')]);
});
