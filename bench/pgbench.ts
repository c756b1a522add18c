import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuOf } from './cpu.ts';
import type { Platform } from './platform.ts';

const run = promisify(execFile);

const PGBENCH_SCRIPT = `
WITH lead AS (
  INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, status, raw_payload, created_at, updated_at)
  VALUES (uuidv7(), 'bench', 'Ada Lovelace', 'ada@example.com', '+14155550123', true, 'website', 'new',
    '{"name":"Ada Lovelace","email":"ada@example.com","phone":"+14155550123","message":"${'x'.repeat(120)}"}',
    now(), now()) RETURNING id, client_id
) INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM lead;
`;

export interface PgbenchOptions {
  readonly scratch: string;
  readonly connections: number;
  readonly durationMs: number;
}

/** The same insert by pgbench. What is not installed measures nothing. */
export async function pgbench(
  { databaseUrl, postmaster }: Platform,
  { scratch, connections, durationMs }: PgbenchOptions,
) {
  const file = join(scratch, 'insert.sql');
  await writeFile(file, PGBENCH_SCRIPT);
  const usedBefore = cpuOf(postmaster);
  try {
    const seconds = Math.ceil(durationMs / 1000);
    const options = `-n -M prepared -j 2 -c ${connections} -T ${seconds}`.split(' ');
    const { stdout } = await run('pgbench', [...options, '-f', file, databaseUrl]);
    const perSecond = Number(/tps = ([\d.]+) \(without/.exec(stdout)?.[1]);
    const done = Number(/transactions actually processed: (\d+)/.exec(stdout)?.[1]);
    return { perSecond, postgresUs: (cpuOf(postmaster) - usedBefore) / done };
  } catch {
    return { perSecond: Number.NaN, postgresUs: Number.NaN };
  }
}

export async function withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'leadctl-bench-script-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
