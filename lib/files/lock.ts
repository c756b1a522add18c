import { randomUUID } from 'node:crypto';
import { link, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno, readTextIfThere } from './files.ts';

const POLL_MS = 20;

export interface FileLockOptions {
  /** Past this age a lock is taken for that of a process that was killed. */
  readonly staleMs: number;
  /** How long to wait for whoever holds it. */
  readonly waitMs: number;
}

/**
 * Makes `lock`, a file that one process at a time can have. Resolves to what gives it back, or to undefined
 * when another still holds it after `waitMs`; rejects when it cannot be written.
 */
export async function lockFile(
  lock: string,
  { staleMs, waitMs }: FileLockOptions,
): Promise<(() => Promise<void>) | undefined> {
  const giveUpAt = Date.now() + waitMs;
  const owner = randomUUID();
  while (!(await tryLock(lock, owner))) {
    if (await isOlder(lock, staleMs)) await takeAway(lock, owner, staleMs);
    else if (Date.now() > giveUpAt) return undefined;
    else await sleep(POLL_MS);
  }
  return async () => {
    // Whoever took over from a holder that was too slow has a lock of its own here.
    if ((await readTextIfThere(lock)) === owner) await rm(lock, { force: true });
  };
}

/** Moved aside first: of several that saw the same stale lock one gets it, and a fresh one is put back. */
async function takeAway(lock: string, owner: string, staleMs: number): Promise<void> {
  const aside = `${lock}.${owner}`;
  try {
    await rename(lock, aside);
    if (!(await isOlder(aside, staleMs))) await link(aside, lock);
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
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isOlder(file: string, ageMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > ageMs;
  } catch {
    return false;
  }
}
