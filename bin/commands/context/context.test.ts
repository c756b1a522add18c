import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfigStore, readCredential, saveCredential } from '../../config/store.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

let dir: string;
const run = (...args: string[]): Promise<Ran> => runLeadctl(args, dir);

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-context-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('leadctl context', () => {
  it('keeps gateways, the first one in use until another is chosen', async () => {
    await run('context', 'set', 'local', '--url', 'http://127.0.0.1:8000/');
    await run('context', 'set', 'prod', '--url', 'https://leads.example', '--client', 'acme');
    expect((await run('context', 'current', '-o', 'name')).out).toBe('local\n');
    expect(await run('context', 'use', 'prod')).toEqual({
      code: 0,
      out: '',
      err: "Now using 'prod'\n",
    });
    expect(JSON.parse((await run('context', 'list', '-o', 'json')).out)).toEqual([
      { name: 'local', current: false, url: 'http://127.0.0.1:8000', client: null },
      { name: 'prod', current: true, url: 'https://leads.example', client: 'acme' },
    ]);
  });

  it('changes only what is given', async () => {
    await run('context', 'set', 'prod', '--url', 'https://leads.example', '--client', 'acme');
    await run('context', 'set', 'prod', '--client', 'globex');
    expect((await run('context', 'ls', '-o', 'csv')).out).toContain(
      '"https://leads.example","globex"',
    );
  });

  it('removes a context with its login, after a yes', async () => {
    const store = createConfigStore(dir);
    const expiry = '2026-03-01T12:00:00.000Z';
    await saveCredential(store, 'prod https://leads.example', {
      access_token: 'a',
      access_expires_at: expiry,
      refresh_token: 'r',
      refresh_expires_at: expiry,
    });
    await run('context', 'set', 'prod', '--url', 'https://leads.example');
    expect((await run('context', 'rm', 'prod')).code).toBe(2);
    expect((await run('context', 'rm', 'prod', '--yes')).code).toBe(0);
    expect(await readCredential(store, 'prod https://leads.example')).toBeUndefined();
    expect((await run('context', 'current')).code).toBe(5);
  });

  it('answers a name that is not there with exit 5, also as JSON', async () => {
    const { code, out, err } = await run('context', 'use', 'nope', '-o', 'json');
    expect([code, out]).toEqual([5, '']);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'context_not_found', exit_code: 5 } });
  });

  it('names the file when the configuration is broken, and --help still works', async () => {
    await writeFile(path.join(dir, 'config.json'), '{');
    const { code, err } = await run('context', 'ls');
    expect(code).toBe(1);
    expect(err).toContain(path.join(dir, 'config.json'));
    expect((await run('context', 'ls', '--help')).code).toBe(0);
  });
});
