import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import { CliError } from '../cli/failure.ts';

export interface JsonFile<T> {
  readonly path: string;
  /** What is in the file, or the empty value when there is none. Throws a `CliError` on a broken one. */
  read(): Promise<T>;
  /**
   * Reads, changes and writes while nobody else does; readers see the old or the new, never a half.
   * A change that waits for something must be done within `LONGEST_CHANGE_MS`.
   */
  update(change: (current: T) => T | Promise<T>): Promise<T>;
}

export interface JsonFileOptions<T> {
  readonly path: string;
  /** Loaded when there is something to check; most runs have no use for it. */
  readonly schema: () => Promise<z.ZodType<T>>;
  readonly empty: T;
}

/** Past it others take the lock for that of a process that was killed. */
export const LONGEST_CHANGE_MS = 8_000;
const LOCK_STALE_MS = LONGEST_CHANGE_MS + 2_000;
const LOCK_WAIT_MS = LOCK_STALE_MS + 5_000;
const LOCK_POLL_MS = 20;

/** A small JSON file, readable by its owner only (0600 in a 0700 folder). */
export function createJsonFile<T>(options: JsonFileOptions<T>): JsonFile<T> {
  const { path: file, schema, empty } = options;

  async function read(): Promise<T> {
    const text = await readIfThere(file);
    if (text === undefined) return empty;
    const value = parseJson(text);
    if (value instanceof SyntaxError) throw broken(file, value.message);
    const parsed = (await schema()).safeParse(value);
    if (parsed.success) return parsed.data;
    throw broken(
      file,
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    );
  }

  async function update(change: (current: T) => T | Promise<T>): Promise<T> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    return await withLock(`${file}.lock`, async () => {
      const next = await change(await read());
      await replace(file, `${JSON.stringify(next, undefined, 2)}\n`);
      return next;
    });
  }

  return { path: file, read, update };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CliError(`Cannot read ${file}`, { code: 'config_unreadable', why: String(error) });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

function broken(file: string, why: string): CliError {
  const next = `correct the file, or move it away to start afresh: mv '${file}' '${file}.broken'`;
  return new CliError(`${file} is not what leadctl wrote`, { code: 'config_broken', why, next });
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await using handle = await open(temporary, 'w', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + LOCK_WAIT_MS;
  const owner = randomUUID();
  while (!(await tryLock(lock, owner))) {
    if (await isStale(lock)) await takeAway(lock, owner);
    else if (Date.now() > giveUpAt) {
      const next = `if no other leadctl runs: rm '${lock}'`;
      throw new CliError(`Another leadctl holds ${lock}`, { code: 'config_locked', next });
    } else await sleep(LOCK_POLL_MS);
  }
  try {
    return await work();
  } finally {
    // Whoever took over from a holder that was too slow has a lock of its own here.
    if ((await readIfThere(lock)) === owner) await rm(lock, { force: true });
  }
}

/** Moved aside first: of several that saw the same stale lock one gets it, and a fresh one is put back. */
async function takeAway(lock: string, owner: string): Promise<void> {
  const aside = `${lock}.${owner}`;
  try {
    await rename(lock, aside);
    if (!(await isStale(aside))) await link(aside, lock);
  } catch {
    // Another has it, or is back already.
  }
  await rm(aside, { force: true });
}

async function tryLock(lock: string, owner: string): Promise<boolean> {
  try {
    await writeFile(lock, owner, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new CliError(`Cannot write ${lock}`, { code: 'config_unwritable', why: String(error) });
  }
}

/** Its holder is done long before; one as old as this was killed. */
async function isStale(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > LOCK_STALE_MS;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
