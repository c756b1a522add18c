import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { type RealGateway, startRealGateway } from '../../testing/real-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

let dir: string;
let database: TestDatabase;
let gateway: RealGateway;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-key-'));
  database = await createTestDatabase();
  gateway = await startRealGateway(database);
});

afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

function run(...args: string[]): Promise<Ran> {
  const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: gateway.token, LEADCTL_CLIENT: 'acme' };
  return runLeadctl(args, dir, { env, now: () => new Date() });
}

describe('leadctl key', () => {
  it('prints a new key alone with -o name, and never again', async () => {
    const made = await run('key', 'create', 'website', '--prefix', 'acme', '-o', 'name');
    expect(made.out).toMatch(/^acme_live_[\w-]{22,}\n$/);
    expect(made.err).toContain('cannot be shown again');
    const listed = await run('key', 'ls', '-o', 'json');
    expect(JSON.parse(listed.out)).toMatchObject([{ name: 'website', scopes: ['leads:ingest'] }]);
    expect(listed.out).not.toContain(made.out.trim());
  });

  it('makes the same key once, however often it is asked to with --if-not-exists', async () => {
    const again = ['key', 'create', 'ci', '--if-not-exists', '-o'];
    expect((await run(...again, 'name')).out).toMatch(/_live_/);
    expect(await run(...again, 'name')).toMatchObject({ code: 0, out: '' });
    expect(JSON.parse((await run(...again, 'json')).out)).toMatchObject({ name: 'ci' });
    expect((await run('key', 'create', 'ci')).code).toBe(6);
  });

  it('revokes by name after a yes, and then knows the name no more', async () => {
    await run('key', 'create', 'old');
    const unasked = await run('key', 'revoke', 'old');
    expect(unasked.code).toBe(2);
    expect(unasked.err).toContain("Revoke the key 'old'");
    expect(await run('key', 'revoke', 'old', '--yes')).toMatchObject({ code: 0, out: '' });
    expect((await run('key', 'revoke', 'old', '--yes')).code).toBe(5);
  });

  it('means the newest by a name after a rotation, and says which older one still works', async () => {
    await run('key', 'create', 'site');
    const list = async () => {
      const { out } = await run('key', 'ls', '-o', 'json');
      const keys: { id: string; name: string; revoked_at: string | null }[] = JSON.parse(out);
      return keys.filter(({ name, revoked_at }) => name === 'site' && revoked_at === null);
    };
    const [old] = await list();
    const rotated = await run('key', 'rotate', 'site', '--overlap', '60', '-o', 'name');
    expect(rotated.out).toMatch(/_live_/);
    const asked = await run('key', 'revoke', 'site');
    expect(asked.code).toBe(2);
    expect(asked.err).toMatch(/Revoke the key 'site' \(\w+…, alive, id [\da-f-]{36}\)/);
    expect(asked.err).not.toContain(`, id ${old?.id}`);
    const revoked = await run('key', 'revoke', 'site', '--yes');
    expect(revoked.code).toBe(0);
    expect(revoked.err).toContain(`ends 2`);
    expect(revoked.err).toContain(`still works: leadctl key revoke ${old?.id}`);
    expect((await list()).map(({ id }) => id)).toEqual([old?.id]);
    expect((await run('key', 'revoke', old?.id ?? '', '--yes')).code).toBe(0);
  });

  it('needs a client, and says how to name one', async () => {
    const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: gateway.token };
    const ran = await runLeadctl(['key', 'ls'], dir, { env });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('LEADCTL_CLIENT');
  });
});

describe('leadctl key snippet', () => {
  it('prints a form with the key, and the script with the hash of what the gateway serves', async () => {
    const env = { LEADCTL_URL: gateway.url };
    const args = ['key', 'snippet', '--key-stdin', '--redirect', 'https://acme.example/?a=1&b="'];
    const ran = await runLeadctl(args, dir, { env, stdin: 'acme_live_1\n' });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(`action="${gateway.url}/api/leads/ingest"`);
    expect(ran.out).toContain('name="_api_key" value="acme_live_1"');
    expect(ran.out).toContain('value="https://acme.example/?a=1&amp;b=&quot;"');
    const script = await (await fetch(`${gateway.url}/embed/1.js`)).text();
    const digest = createHash('sha384').update(script).digest('base64');
    expect(ran.out).toContain(
      `<script src="${gateway.url}/embed/1.js" integrity="sha384-${digest}" crossorigin defer>`,
    );
  });

  it('needs neither key nor login, and names the address that browsers use', async () => {
    const env = { LEADCTL_URL: gateway.url };
    const args = ['key', 'snippet', '--public-url', 'https://leads.example/'];
    const ran = await runLeadctl(args, dir, { env });
    expect(ran.out).toContain('action="https://leads.example/api/leads/ingest"');
    expect(ran.out).toContain('src="https://leads.example/embed/1.js"');
    expect(ran.err).toContain('Put the key in place of PUT_THE_KEY_HERE');
  });
});
