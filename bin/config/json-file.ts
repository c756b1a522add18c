import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { readTextIfThere, replaceFile } from '../../lib/files/files.ts';
import { lockFile } from '../../lib/files/lock.ts';
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
const LOCK = { staleMs: LONGEST_CHANGE_MS + 2_000, waitMs: LONGEST_CHANGE_MS + 7_000 };

/** A small JSON file, readable by its owner only (0600 in a 0700 folder). */
export function createJsonFile<T>(options: JsonFileOptions<T>): JsonFile<T> {
  const { path: file, schema, empty } = options;

  async function read(): Promise<T> {
    const text = await readTextIfThere(file).catch((error: unknown) => {
      throw new CliError(`Cannot read ${file}`, { code: 'config_unreadable', why: String(error) });
    });
    if (text === null) return empty;
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
      await replaceFile(file, `${JSON.stringify(next, undefined, 2)}\n`);
      return next;
    });
  }

  return { path: file, read, update };
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

/** Gives the lock back when `work` is done, however it ends. */
async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const release = await lockFile(lock, LOCK).catch((error: unknown) => {
    throw new CliError(`Cannot write ${lock}`, { code: 'config_unwritable', why: String(error) });
  });
  if (release === undefined) {
    const next = `if no other leadctl runs: rm '${lock}'`;
    throw new CliError(`Another leadctl holds ${lock}`, { code: 'config_locked', next });
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
