import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  realpath,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { isErrno, readTextIfThere } from '../files/files.ts';

const MARKER_FILE = '.leadctl-data-dir';
const MARKER_TEXT = `Made by leadctl for its data. While leadctl is stopped, removing this directory
removes what it stored (see postgres-location.json, if there is one, for the database).
`;

/**
 * Makes the data directory when it is missing, closed to others (0700), and gives its real path.
 * An existing directory keeps its mode: it may be more than ours.
 */
export async function ensureDataDir(dataDir: string): Promise<string> {
  const path = resolve(dataDir);
  try {
    const made = await mkdir(path, { recursive: true });
    if (made !== undefined) {
      await chmod(path, 0o700);
      await writeFile(join(path, MARKER_FILE), MARKER_TEXT, { mode: 0o600 });
    }
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(path);
  } catch (error) {
    if (!isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST')) throw error;
    throw new Error(
      `The data directory ${path} cannot be used by this user. Run as its owner, or name another with --data-dir.`,
      { cause: error },
    );
  }
}

/**
 * Lets a group pass through a data directory of ours without listing it (root:group, 0710).
 * A directory that we did not make, such as somebody's home, is left as it is.
 */
export async function grantPassage(dataDir: string, gid: number): Promise<void> {
  if ((await readTextIfThere(join(dataDir, MARKER_FILE))) === null) return;
  const found = await stat(dataDir);
  if (found.uid !== process.getuid?.() || (found.mode & 0o777) !== 0o700) return;
  await chown(dataDir, found.uid, gid);
  await chmod(dataDir, 0o710);
}
