import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { clearLeftOver, findOwner, OWNER_FILE } from '../postgres/leftover.ts';

/** Stops and removes the servers of test runs that were killed, found as `<dir>/<prefix>…`. */
export async function removeAbandonedServers(dir: string, prefix: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.startsWith(prefix)) continue;
    const dataDir = join(dir, name);
    try {
      // One without an owner file is being made this moment, or another user's: not ours to judge.
      await access(join(dataDir, OWNER_FILE));
      if ((await findOwner(dataDir)) !== null) continue;
      await clearLeftOver({ dataDir, pgdataDir: join(dataDir, 'postgres', 'data') });
      await rm(dataDir, { recursive: true, force: true });
    } catch {
      // Housekeeping for others must not stop this run.
    }
  }
}
