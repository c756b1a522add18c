import { randomBytes } from 'node:crypto';
import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../secrets/tokens.ts';

import { grantPassage } from './data-dir.ts';
import { readTextIfThere, replaceFile, setMode } from '../files/files.ts';
import { findServerUser, isRoot, userCan, type ServerUser } from './run-as.ts';

export const LOCATION_FILE = 'postgres-location.json';
export const locationSchema = z.object({ homeDir: z.string() });
const belongsSchema = z.object({ dataDir: z.string() });

/** Where a data directory's cluster lives and who runs it (null: we ourselves). */
export type ClusterPlace = { homeDir: string; pgdataDir: string; user: ServerUser | null };

/**
 * Finds or makes the place of the cluster: `<dataDir>/postgres`. As root it belongs to the server's
 * user; when that user cannot reach it, the place is `<sharedDir>/data/…` instead, and
 * postgres-location.json in the data directory says so.
 */
export async function placeCluster(deps: {
  dataDir: string;
  sharedDir: string;
}): Promise<ClusterPlace> {
  const { dataDir } = deps;
  const inside = join(dataDir, 'postgres');
  if (!isRoot()) {
    await refuseOutsideHome(dataDir);
    await mkdir(inside, { recursive: true, mode: 0o700 });
    return placeAt(inside, null);
  }
  const existing = (await readLocation(dataDir)) ?? ((await hasCluster(inside)) ? inside : null);
  const user = existing === null ? await findServerUser() : await ownerOf(existing);
  await grantPassage(dataDir, user.gid);
  if (existing !== null) {
    if (await userCan(user, '-x', existing)) return placeAt(existing, user);
    throw new Error(
      `The database in ${existing} runs as the user ${user.name}, who cannot reach it any more.` +
        ' Let it pass through the directories above (chmod o+x), or move the data directory back.',
    );
  }
  if (await userCan(user, '-x', dataDir)) return placeAt(await makeHome(inside, user), user);
  return placeAt(await makeOutsideHome(deps, user), user);
}

function placeAt(homeDir: string, user: ServerUser | null): ClusterPlace {
  return { homeDir, pgdataDir: join(homeDir, 'data'), user };
}

/** Owned by the server's user, and closed to others, as PostgreSQL demands. */
async function makeHome(homeDir: string, user: ServerUser): Promise<string> {
  await mkdir(homeDir, { recursive: true });
  await setMode(homeDir, 0o700);
  await chown(homeDir, user.uid, user.gid);
  return homeDir;
}

/**
 * The random part keeps a data directory that was removed and made again from finding the old
 * cluster. The note beside the home tells an operator, and us, whose it is.
 */
async function makeOutsideHome(
  deps: { dataDir: string; sharedDir: string },
  user: ServerUser,
): Promise<string> {
  const { dataDir, sharedDir } = deps;
  const parent = join(sharedDir, 'data');
  await mkdir(parent, { recursive: true });
  await setMode(sharedDir, 0o755);
  await setMode(parent, 0o711);
  const hash = sha256Hex(dataDir).slice(0, 12);
  const homeDir = join(parent, `${hash}-${randomBytes(4).toString('hex')}`);
  await replaceFile(`${homeDir}.json`, json({ dataDir }));
  await makeHome(homeDir, user);
  if (!(await userCan(user, '-x', homeDir))) {
    throw new Error(
      `The user "${user.name}", as whom PostgreSQL must run, can reach neither ${dataDir} nor` +
        ` ${homeDir}. Open one to it (chmod o+x on the directories above), or set DATABASE_URL.`,
    );
  }
  const note = `PostgreSQL's user "${user.name}" cannot reach ${dataDir}, so the database is kept here.`;
  await replaceFile(join(dataDir, LOCATION_FILE), json({ homeDir, note }));
  return homeDir;
}

/** The outside home that the data directory names, unless a copy of the directory names it too. */
async function readLocation(dataDir: string): Promise<string | null> {
  const location = await readTextIfThere(join(dataDir, LOCATION_FILE));
  if (location === null) return null;
  const { homeDir } = locationSchema.parse(JSON.parse(location));
  const note = await readTextIfThere(`${homeDir}.json`);
  if (note === null) {
    throw new Error(
      `${join(dataDir, LOCATION_FILE)} says that the database is in ${homeDir}, where there is none.` +
        ' Bring it back, or remove that file to start with an empty database.',
    );
  }
  const belongsTo = belongsSchema.parse(JSON.parse(note)).dataDir;
  if (belongsTo === dataDir) return homeDir;
  const other = await readTextIfThere(join(belongsTo, LOCATION_FILE));
  if (other !== null && locationSchema.parse(JSON.parse(other)).homeDir === homeDir) {
    throw new Error(
      `${dataDir} is a copy of ${belongsTo}, and the database in ${homeDir} belongs to that one.` +
        ` Remove ${join(dataDir, LOCATION_FILE)} to start with an empty database.`,
    );
  }
  await replaceFile(`${homeDir}.json`, json({ dataDir }));
  return homeDir;
}

/** Root keeps this directory's database where an ordinary user has no access: no silent second one. */
async function refuseOutsideHome(dataDir: string): Promise<void> {
  const file = join(dataDir, LOCATION_FILE);
  const location = await readTextIfThere(file);
  if (location === null) return;
  const { homeDir } = locationSchema.parse(JSON.parse(location));
  throw new Error(
    `The database of ${dataDir} was begun by root and is kept in ${homeDir}. Run as root, use` +
      ` another data directory, or remove ${file} to start with an empty database.`,
  );
}

async function hasCluster(homeDir: string): Promise<boolean> {
  return (await readTextIfThere(join(homeDir, 'data', 'PG_VERSION'))) !== null;
}

/** PostgreSQL runs only as the owner of its files: one that an ordinary user began stays theirs. */
async function ownerOf(homeDir: string): Promise<ServerUser> {
  const { uid, gid } = await stat(homeDir);
  return uid === 0 ? findServerUser() : { name: `uid ${uid}`, uid, gid };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
