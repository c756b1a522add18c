import { randomBytes } from 'node:crypto';
import { chmod, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}

/** The file's text, or null when there is no such file. Other failures throw. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/**
 * Replaces a 0600 file in one step: a reader sees the old text or the new, never half of it. It
 * belongs to its directory's owner, so that what root writes does not shut out an ordinary user.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${uniqueSuffix()}`;
  try {
    await using file = await open(draft, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
    const owner = await stat(dirname(path));
    if (process.getuid?.() === 0) await file.chown(owner.uid, owner.gid);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A directory's mode regardless of the umask; for directories that we have just made. */
export async function setMode(path: string, mode: number): Promise<void> {
  if (((await stat(path)).mode & 0o7777) !== mode) await chmod(path, mode);
}

/** Makes a rename inside `dir` survive a power failure. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Drops what an interrupted run left under `prefix`; young ones may still be somebody's work. */
export async function removeAbandoned(dir: string, prefix: string, ageMs: number): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.startsWith(prefix)) continue;
    const found = await stat(join(dir, name)).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ageMs) {
      await rm(join(dir, name), { recursive: true, force: true });
    }
  }
}

export function uniqueSuffix(): string {
  return `${process.pid}-${randomBytes(6).toString('hex')}`;
}
