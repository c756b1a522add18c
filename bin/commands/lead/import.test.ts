import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import type { CliDeps } from '../../cli/context.ts';
import { interrupted } from '../../cli/failure.ts';
import { type RealGateway, startRealGateway } from '../../testing/real-gateway.ts';
import { type Ran, runLeadctl } from '../../testing/run.ts';
import { progressText } from './import.ts';

let dir: string;
let database: TestDatabase;
let gateway: RealGateway;
let key: string;
let file: string;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startRealGateway(database);
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-import-'));
  key = (await run(['key', 'create', 'import', '--per-minute', 'none', '-o', 'name'])).out.trim();
});

beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(dir, 'case-')), 'leads.csv');
});

afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

function run(args: string[], deps: Partial<Omit<CliDeps, 'io'>> = {}): Promise<Ran> {
  const env = {
    LEADCTL_URL: gateway.url,
    LEADCTL_TOKEN: gateway.token,
    LEADCTL_CLIENT: 'acme',
    LEADCTL_API_KEY: key,
  };
  return runLeadctl(args, dir, { env, now: () => new Date(), ...deps });
}

async function countOf(source: string): Promise<number> {
  const { out } = await run(['lead', 'ls', '--source', source, '--all', '-o', 'name']);
  return out.split('\n').filter(Boolean).length;
}

const rows = (count: number): string =>
  Array.from({ length: count }, (_, n) => `Person ${n},p${n}@mail.example\n`).join('');

describe('leadctl lead import', () => {
  it('makes a lead of each row, names the refused ones by line, and ends with 7', async () => {
    await writeFile(
      file,
      `name,email,note\nMia,mia@x.example,"a ""b"",\nc"\n,,lost\nTom,t@x.example\n`,
    );
    const ran = await run(['lead', 'import', file, '--source', 'fair', '-o', 'json']);
    expect(ran.code).toBe(7);
    expect(JSON.parse(ran.out)).toMatchObject({ rows: 3, accepted: 2, duplicates: 0, refused: 1 });
    expect(JSON.parse(await readFile(`${file}.errors.jsonl`, 'utf8'))).toMatchObject({
      line: 4,
      code: 'row_not_valid',
    });
    const found = await run(['lead', 'ls', '--source', 'fair', '-o', 'json', '--reveal']);
    expect(found.out).toContain(String.raw`"note": "a \"b\",\nc"`);
  });

  it('gives back the refused rows as a file that can be mended and imported', async () => {
    await writeFile(
      file,
      `name,email,note\nMia,mia@x.example,a\nTom,"not, an ""address""",b\nAda,ada@x.example\n`,
    );
    const rejects = `${file}.mend.csv`;
    const strict = ['lead', 'import', file, '--strict', '--rejects', rejects, '--source', 'strict'];
    const ran = await run([...strict, '-o', 'json']);
    expect(ran.code).toBe(7);
    expect(JSON.parse(ran.out)).toMatchObject({
      accepted: 1,
      refused: 2,
      rejects_file: rejects,
      reasons: [
        { detail: 'The row has an email that is none.', count: 1 },
        { detail: 'The row has 1 field(s) less than the header.', count: 1 },
      ],
    });
    expect(ran.err).toContain('1 refused: The row has an email that is none.');
    const text = await readFile(rejects, 'utf8');
    expect(text).toBe('name,email,note\nTom,"not, an ""address""",b\nAda,ada@x.example\n');
    await writeFile(rejects, 'name,email,note\nTom,tom@x.example,b\nAda,ada@x.example,c\n');
    expect((await run(['lead', 'import', rejects, '--strict', '--source', 'strict'])).code).toBe(0);
    expect(await countOf('strict')).toBe(3);
  });

  it('says how far it is, what tells most first', () => {
    const counts = { rows: 500, accepted: 490, duplicates: 7, refused: 3 };
    const run = { line: 500, lines: 2_000, seconds: 2, startedAtLine: 0 };
    expect(progressText(counts, run)).toBe(
      '25% · 3 refused · 500 rows · 250/s · 6s left · 490 accepted · 7 duplicates',
    );
    expect(progressText(counts, { ...run, seconds: 0, line: 0 })).toContain('0% ·');
    expect(progressText(counts, { ...run, lines: 200_000 })).toContain('13m18s left');
  });

  it('does not begin again under another key, which would make every row a second lead', async () => {
    await writeFile(file, `name,email\n${rows(3)}`);
    const first = await run(['lead', 'import', file, '--source', 'rotated', '-o', 'json']);
    expect(first.code).toBe(0);
    const firstKey = key;
    key = (
      await run(['key', 'create', 'import-2', '--per-minute', 'none', '-o', 'name'])
    ).out.trim();
    const second = await run(['lead', 'import', file, '--source', 'rotated']);
    key = firstKey;
    expect(second.code).toBe(1);
    expect(second.err).toContain('--restart');
    expect(await countOf('rotated')).toBe(3);
  });

  it('sends nothing on a dry run, and needs no key for it', async () => {
    await writeFile(file, `name,email,source\n${'A,a@x.example,dry\n'.repeat(3)},,dry\n`);
    const ran = await runLeadctl(['lead', 'import', file, '--dry-run', '-o', 'json'], dir);
    expect(ran.code).toBe(7);
    expect(JSON.parse(ran.out)).toMatchObject({ rows: 4, accepted: 3, refused: 1, dry_run: true });
    expect(await countOf('dry')).toBe(0);
  });

  it.each([15, 30, 60, 120])(
    'goes on where it was interrupted after %i ms: no row is lost or becomes two leads',
    async (afterMs) => {
      const name = `stop-${afterMs}`;
      await writeFile(file, `name,email\n${rows(500)}`);
      const args = ['lead', 'import', file, '--source', name, '--batch-size', '50'];
      const controller = new AbortController();
      setTimeout(() => controller.abort(interrupted()), afterMs);
      const first = await run(args, { interruption: () => controller.signal });
      expect([0, 130]).toContain(first.code);
      const second = await run([...args, '-o', 'json']);
      expect(JSON.parse(second.out)).toMatchObject({ rows: 500, accepted: 500, refused: 0 });
      expect(await countOf(name)).toBe(500);
    },
  );

  it('says how to go on when it is interrupted', async () => {
    await writeFile(file, `name,email\n${rows(5)}`);
    const interruption = () => AbortSignal.abort(interrupted());
    const ran = await run(['lead', 'import', file], { interruption });
    expect([ran.code, ran.out]).toEqual([130, '']);
    expect(ran.err).toContain('goes on from there');
  });

  it('does not send a file twice unless told to', async () => {
    await writeFile(file, `name,email\n${rows(3)}`);
    const args = ['lead', 'import', file, '--source', 'twice'];
    expect((await run(args)).code).toBe(0);
    expect((await run(args)).err).toContain('--restart');
    expect(await countOf('twice')).toBe(3);
    await run([...args, '--restart']);
    expect(await countOf('twice')).toBe(6);
  });

  it('refuses to go on with a file that has changed', async () => {
    await writeFile(file, `name,email\n${rows(2)}`);
    await run(['lead', 'import', file]);
    await writeFile(file, `name,email\n${rows(9)}`);
    const ran = await run(['lead', 'import', file]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('has changed');
  });

  it('takes JSON Lines, and gives every row to a wrong key to refuse at once', async () => {
    const lines = `${file}.jsonl`;
    await writeFile(lines, '{"email":"j@x.example","source":"lines","deep":{"a":[1]}}\nnonsense\n');
    expect((await run(['lead', 'import', lines])).code).toBe(7);
    expect(await countOf('lines')).toBe(1);
    await writeFile(path.join(dir, 'wrong'), 'acme_live_wrong');
    const wrong = ['--key-file', path.join(dir, 'wrong'), '--restart'];
    expect((await run(['lead', 'import', lines, ...wrong])).code).toBe(4);
  });
});

describe('leadctl lead export', () => {
  it('writes all pages, masked unless told otherwise, and imports again as it was', async () => {
    await writeFile(file, `name,email,phone\n${rows(450)}Plus,plus@x.example,+4915112345678\n`);
    await run(['lead', 'import', file, '--source', 'export']);
    const masked = await run(['lead', 'export', '--source', 'export']);
    expect(masked.out).not.toContain('Person');
    const { out } = await run(['lead', 'export', '--source', 'export', '--reveal']);
    expect(out.trim().split('\n')).toHaveLength(452);

    const again = path.join(dir, 'again.csv');
    await writeFile(again, out.replaceAll(',"export",', ',"again",'));
    expect((await run(['lead', 'import', again])).code).toBe(0);
    const found = await run([
      'lead',
      'ls',
      '--source',
      'again',
      '--search',
      'plus@',
      '--reveal',
      '-o',
      'json',
    ]);
    expect(JSON.parse(found.out)).toMatchObject([{ phone: '+4915112345678', phone_valid: true }]);
  });

  it('keeps what a form asked beside the usual, in one column or in columns of its own', async () => {
    await writeFile(file, 'name,email,city,budget\nAda,ada@x.example,Paris,"1,000"\n');
    await run(['lead', 'import', file, '--source', 'custom']);
    const { out } = await run(['lead', 'export', '--source', 'custom', '--reveal']);
    expect(out).toMatch(/,custom_fields\n[^]*"\{""city"":""Paris"",""budget"":""1,000""\}"\n$/);
    const again = path.join(dir, 'custom.csv');
    await writeFile(again, out.replaceAll(',"custom",', ',"custom2",'));
    expect((await run(['lead', 'import', again])).code).toBe(0);
    const own = ['--field', 'city', '--field', 'budget', '--source', 'custom2', '--reveal'];
    expect((await run(['lead', 'export', ...own])).out).toMatch(
      /,city,budget\n.*,"Paris","1,000"\n$/,
    );
  });

  it('writes JSON Lines', async () => {
    const { out } = await run(['lead', 'export', '--source', 'fair', '--format', 'jsonl']);
    const lines = out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([{ source: 'fair' }, { source: 'fair' }]);
  });
});
