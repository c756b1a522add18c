import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { readTextIfThere, replaceFile } from '../files/files.ts';
import { commandLineOf, identifyProcess, isRunning } from './process-identity.ts';
import { pollUntil, shutDown } from './shut-down.ts';

export const OWNER_FILE = 'postgres-owner.json';
const ownerSchema = z.object({ pid: z.number(), start: z.string() });

/** Notes that this process is about to run the data directory's server. */
export async function recordOwner(dataDir: string): Promise<void> {
  const self = await identifyProcess(process.pid);
  await replaceFile(join(dataDir, OWNER_FILE), JSON.stringify(self));
}

/** The running process that started the server of this data directory, or null. */
export async function findOwner(dataDir: string): Promise<{ pid: number } | null> {
  const text = await readTextIfThere(join(dataDir, OWNER_FILE));
  if (text === null) return null;
  const owner = ownerSchema.safeParse(JSON.parse(text));
  return owner.success && (await isRunning(owner.data)) ? owner.data : null;
}

/**
 * Clears the way for a start: stops a server whose leadctl died under it, and drops a
 * postmaster.pid whose number is now some other program's, which PostgreSQL would take for a
 * server. Throws when a living leadctl runs the server.
 */
export async function clearLeftOver(deps: { dataDir: string; pgdataDir: string }): Promise<void> {
  const pidFile = join(deps.pgdataDir, 'postmaster.pid');
  const pid = Number((await readTextIfThere(pidFile))?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const identity = await identifyProcess(pid);
  // PostgreSQL knows how to take over from a dead postmaster, and checks for its last backends.
  if (identity === null) return;
  if (!(await commandLineOf(pid)).includes(`-D ${deps.pgdataDir} `)) {
    await rm(pidFile, { force: true });
    return;
  }
  const owner = await findOwner(deps.dataDir);
  if (owner !== null) {
    throw new Error(
      `The database in ${deps.dataDir} is in use: process ${owner.pid} runs it.` +
        ' Stop that one first, or use another data directory.',
    );
  }
  await shutDown({ pid, exited: pollUntil(async () => !(await isRunning(identity))) });
}
