import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfigStore, readCredential } from '../../config/store.ts';
import { type FakeGateway, problemAnswer, startFakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

const PASSWORD = 'correct horse battery';
let dir: string;
let gateway: FakeGateway;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-login-'));
  gateway = await startFakeGateway({
    'POST /api/auth/login': ({ body }) =>
      JSON.stringify(body) === JSON.stringify({ email: 'mia@acme.example', password: PASSWORD })
        ? {
            body: {
              access_token: 'access-1',
              refresh_token: 'refresh-1',
              token_type: 'Bearer',
              expires_in: 1_800,
              refresh_expires_in: 604_800,
            },
          }
        : problemAnswer('invalid_credentials', 'The e-mail or the password is wrong.'),
    'POST /api/auth/logout': () => ({ status: 204 }),
    'GET /ready': () => ({
      status: 503,
      body: {
        status: 'unavailable',
        service: 'gateway',
        checks: { access: { status: 'ok' }, lead: { status: 'failed', detail: 'ECONNREFUSED' } },
      },
    }),
  });
});

afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const login = ['login', '--email', 'mia@acme.example'];
const run = (args: string[], stdin = '') =>
  runLeadctl([...args, '--url', gateway.url], dir, { stdin });
const stored = () => readCredential(createConfigStore(dir), gateway.url);

describe('leadctl login', () => {
  it('keeps the tokens, not the password, in a file of mode 0600', async () => {
    const ran = await run([...login, '--password-stdin'], `${PASSWORD}\n`);
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(await stored()).toMatchObject({
      access_token: 'access-1',
      access_expires_at: '2026-03-01T12:30:00.000Z',
    });
    expect((await stat(path.join(dir, 'credentials.json'))).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(await stored())).not.toContain(PASSWORD);
  });

  it('takes the password from a file', async () => {
    await writeFile(path.join(dir, 'pw'), PASSWORD);
    expect((await run([...login, '--password-file', path.join(dir, 'pw')])).code).toBe(0);
  });

  it('answers a wrong password with exit 4 and stores nothing', async () => {
    expect((await run([...login, '--password-stdin'], 'wrong')).code).toBe(4);
    expect(await stored()).toBeUndefined();
  });

  it('asks a person for what is missing, and shows nothing of the password', async () => {
    const typed = `mia@acme.example\n${PASSWORD}\n`;
    const ran = await runLeadctl(['login', '--url', gateway.url], dir, { stdin: typed, tty: true });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('Password:');
    expect(ran.err).not.toContain(PASSWORD);
    expect(await stored()).toMatchObject({ email: 'mia@acme.example' });
    const words = [...login, '--password-stdin', '--url', gateway.url];
    const piped = await runLeadctl(words, dir, { stdin: `${PASSWORD}\n`, tty: true });
    expect([piped.code, piped.err.includes(PASSWORD)]).toEqual([0, false]);
  });

  it('says once that the password is wrong', async () => {
    const { err } = await run([...login, '--password-stdin'], 'wrong');
    expect(err.match(/wrong/g)).toHaveLength(1);
  });

  it('goes on in a context that is made afterwards for the same gateway', async () => {
    await run([...login, '--password-stdin'], `${PASSWORD}\n`);
    await run(['context', 'set', 'local']);
    expect(await runLeadctl(['token', 'print'], dir)).toMatchObject({ code: 0, out: 'access-1\n' });
    const other = ['token', 'print', '--url', 'http://127.0.0.1:1'];
    expect((await runLeadctl(other, dir)).code).toBe(4);
    expect((await runLeadctl(['logout'], dir)).code).toBe(0);
    expect(await stored()).toBeUndefined();
  });

  it('has no way to take the password as an argument', async () => {
    expect((await run([...login, '--password', PASSWORD])).code).toBe(2);
    expect((await run(login)).code).toBe(2);
  });
});

describe('leadctl logout', () => {
  it('ends the session at the gateway and forgets it here', async () => {
    await run([...login, '--password-stdin'], PASSWORD);
    expect((await run(['logout'])).code).toBe(0);
    expect(gateway.seen.at(-1)).toMatchObject({
      line: 'POST /api/auth/logout',
      body: { refresh_token: 'refresh-1' },
    });
    expect(await stored()).toBeUndefined();
  });

  it('forgets the login even when the gateway is gone', async () => {
    await run([...login, '--password-stdin'], PASSWORD);
    await gateway.stop();
    expect((await run(['logout'])).code).toBe(0);
    expect(await stored()).toBeUndefined();
  });
});

describe('leadctl status', () => {
  it('shows each service and ends with 1 when one is down', async () => {
    const ran = await run(['status', '-o', 'json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out)).toEqual([
      { name: 'access', status: 'ok', detail: null },
      { name: 'lead', status: 'failed', detail: 'ECONNREFUSED' },
    ]);
  });

  it('says what to do when nothing listens', async () => {
    await gateway.stop();
    const ran = await run(['status']);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('leadctl up');
  });
});
