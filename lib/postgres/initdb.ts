import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { ClusterPlace } from './cluster.ts';
import {
  isErrno,
  readTextIfThere,
  removeAbandoned,
  replaceFile,
  syncDirectory,
  uniqueSuffix,
} from '../files/files.ts';
import { runCommand } from './run-as.ts';

const INITDB_TIMEOUT_MS = 60_000;
const ABANDONED_AGE_MS = 3_600_000;
export const PASSWORD_FILE = 'postgres.password';

export const SUPERUSER = 'postgres';

/** Makes the cluster when there is none, and gives the superuser's password. */
export async function ensureCluster(deps: {
  dataDir: string;
  place: ClusterPlace;
  initdb: string;
  durable: boolean;
}): Promise<{ password: string }> {
  const { dataDir, place } = deps;
  const passwordPath = join(dataDir, PASSWORD_FILE);
  const stored = (await readTextIfThere(passwordPath))?.trim();
  const exists = (await readTextIfThere(join(place.pgdataDir, 'PG_VERSION'))) !== null;
  if (exists) {
    if (stored !== undefined) return { password: stored };
    throw new Error(
      `${passwordPath} is gone, and the database in ${place.pgdataDir} opens with nothing else.` +
        ' Bring the file back, or move the data directory away to start with an empty one.',
    );
  }
  const password = stored ?? randomBytes(24).toString('base64url');
  if (stored === undefined) await replaceFile(passwordPath, `${password}\n`);
  await removeAbandoned(place.homeDir, 'init-', ABANDONED_AGE_MS);
  await initialise(deps, password);
  return { password };
}

/** Initialises aside and renames, so that an interrupted initdb is never taken for a cluster. */
async function initialise(
  deps: { place: ClusterPlace; initdb: string; durable: boolean },
  password: string,
): Promise<void> {
  const { homeDir, pgdataDir, user } = deps.place;
  const draft = join(homeDir, `init-${uniqueSuffix()}`);
  const passwordFile = `${draft}.password`;
  await writePassword(passwordFile, password, user);
  const args = ['-D', draft, '-U', SUPERUSER, `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions');
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (!deps.durable) args.push('--no-sync');
  try {
    const made = await runCommand(deps.initdb, args, { user, timeoutMs: INITDB_TIMEOUT_MS });
    if (!made.ok) throw new Error(`PostgreSQL could not be initialised: ${made.output.trim()}`);
    await rename(draft, pgdataDir);
    if (deps.durable) await syncDirectory(homeDir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** initdb takes a password from a file only. Never through a link that the user may have planted. */
async function writePassword(
  path: string,
  password: string,
  user: ClusterPlace['user'],
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${password}\n`);
    if (user !== null) await file.chown(user.uid, user.gid);
  } finally {
    await file.close();
  }
}
