import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { type RealGateway, startRealGateway } from '../../testing/real-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';

let dir: string;
let database: TestDatabase;
let gateway: RealGateway;
let key: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-lead-'));
  database = await createTestDatabase();
  gateway = await startRealGateway(database);
  key = (await run(['key', 'create', 'website', '-o', 'name'])).out.trim();
});

afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

function run(args: string[], stdin = ''): Promise<Ran> {
  const env = {
    LEADCTL_URL: gateway.url,
    LEADCTL_TOKEN: gateway.token,
    LEADCTL_CLIENT: 'acme',
    LEADCTL_API_KEY: key,
  };
  return runLeadctl(args, dir, { env, stdin, now: () => new Date() });
}

async function ingest(...args: string[]): Promise<string> {
  const ran = await run(['lead', 'ingest', '-o', 'name', ...args]);
  expect(ran).toMatchObject({ code: 0, err: '' });
  return ran.out.trim();
}

describe('leadctl lead ingest', () => {
  it('sends known and other fields as they are', async () => {
    const id = await ingest(
      '--name',
      'Mia Muster',
      '--email',
      'Mia@Acme.example',
      '--field',
      'utm=a=b',
      '--field',
      'colour=red',
      '--field',
      'colour=blue',
    );
    const lead = await run(['lead', 'get', id, '-o', 'json', '--reveal']);
    expect(JSON.parse(lead.out)).toMatchObject({
      id,
      email: 'mia@acme.example',
      raw_payload: { name: 'Mia Muster', utm: 'a=b', colour: ['red', 'blue'] },
    });
  });

  it('takes a JSON object from a file or standard input, and says what is wrong with another', async () => {
    const file = path.join(dir, 'lead.json');
    await writeFile(file, '{"phone":"+4915112345678","nested":{"a":1}}');
    await ingest('--file', file);
    const piped = await run(['lead', 'ingest', '--file', '-'], '{"email":"x@y.example"}');
    expect(piped.code).toBe(0);
    const list = await run(['lead', 'ingest', '--file', '-'], '[1]');
    expect([list.code, list.out]).toEqual([1, '']);
    expect(list.err).toContain('no JSON object');
  });

  it('says of a repeated reference that it is a duplicate', async () => {
    const first = await ingest('--email', 'a@b.example', '--reference', 'r-1');
    const again = await run(['lead', 'ingest', '--email', 'a@b.example', '--reference', 'r-1']);
    expect(again.out).toContain(first);
    expect(again.err).toContain('the first one');
  });

  it('takes the key from the environment, a file or standard input, and is told of a wrong one', async () => {
    const keyFile = path.join(dir, 'key');
    await writeFile(keyFile, `${key}\n`);
    const args = ['lead', 'ingest', '--email', 'k@b.example'];
    expect((await run([...args, '--key-file', keyFile])).code).toBe(0);
    expect((await run([...args, '--key-stdin'], key)).code).toBe(0);
    expect(await run([...args, '--key-stdin'], 'acme_live_wrong')).toMatchObject({
      code: 4,
      out: '',
    });
  });
});

describe('leadctl lead', () => {
  it('masks personal data in every format unless told to reveal it', async () => {
    const id = await ingest('--name', 'Zoe Zander', '--email', 'zoe.zander@mail.example');
    for (const format of ['table', 'wide', 'json', 'yaml', 'csv']) {
      for (const args of [
        ['get', id],
        ['ls', '--search', 'zander'],
        ['trace', id],
      ]) {
        const { code, out } = await run(['lead', ...args, '-o', format]);
        expect([code, out]).toEqual([0, expect.not.stringMatching(/zoe|zander/i)]);
      }
    }
    expect((await run(['lead', 'ls', '--search', 'zander', '--reveal'])).out).toContain('Zoe');
  });

  it('filters, and leaves a note when the list goes on', async () => {
    await ingest('--email', '1@b.example', '--source', 'fair');
    await ingest('--email', '2@b.example', '--source', 'fair');
    const all = await run(['lead', 'ls', '--source', 'fair', '-o', 'name']);
    expect(all.out.trim().split('\n')).toHaveLength(2);
    const short = await run(['lead', 'ls', '--source', 'fair', '--limit', '1', '-o', 'name']);
    expect(short.err).toContain('--all');
    expect((await run(['lead', 'ls', '--source', 'fair', '--until', '1h', '-o', 'name'])).out).toBe(
      '',
    );
    expect((await run(['lead', 'ls', '--since', 'yesterday'])).code).toBe(2);
  });

  it('changes a status, and shows it in the trace', async () => {
    const id = await ingest('--email', 's@b.example');
    const set = await run(['lead', 'set', id, '--status', 'won', '-o', 'json']);
    expect(JSON.parse(set.out)).toMatchObject({ status: 'won' });
    const trace = await run(['lead', 'trace', id, '-o', 'name']);
    expect(trace.out).toBe('received\nupdated\n');
    expect((await run(['lead', 'assign', id, 'none'])).code).toBe(0);
  });

  it('erases only after a yes that shows whom it hits', async () => {
    const id = await ingest('--name', 'Eve Example', '--email', 'eve@b.example');
    const asked = await run(['lead', 'erase', id]);
    expect(asked.code).toBe(2);
    expect(asked.err).toContain('E*** E***');
    expect((await run(['lead', 'erase', id, '--yes'])).code).toBe(0);
    const after = await run(['lead', 'get', id, '-o', 'json', '--reveal']);
    expect(JSON.parse(after.out)).toMatchObject({ name: null, email: null });
    expect((await run(['lead', 'get', '01890000-0000-7000-8000-000000000000'])).code).toBe(5);
  });
});

describe('leadctl lead tail, off a terminal', () => {
  it('prints one JSON line an event, filtered and masked, and ends after --limit', async () => {
    const tail = run(['lead', 'tail', '--source', 'tail', '--limit', '2']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await ingest('--email', 'other@b.example');
    const first = await ingest('--email', 'tom@b.example', '--source', 'tail');
    await ingest('--email', 'tim@b.example', '--source', 'tail');
    const { code, out, err } = await tail;
    expect([code, err]).toEqual([0, '']);
    const lines = out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { event: 'lead.created', lead_id: first, lead: { email: 't***@b.example' } },
      { event: 'lead.created', lead: { email: 't***@b.example' } },
    ]);

    const [{ id }] = JSON.parse(`[${out.split('\n')[0]}]`);
    const resumed = await run(['lead', 'tail', '--since-event', id, '--limit', '1', '--reveal']);
    expect(JSON.parse(resumed.out)).toMatchObject({ lead: { email: 'tim@b.example' } });
  });

  it('ends at once when the gateway refuses', async () => {
    const ran = await run(['lead', 'tail', '--since-event', 'nonsense', '--limit', '1']);
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain('Last-Event-ID');
  });
});
