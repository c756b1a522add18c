import { join } from 'node:path';
import { z } from 'zod';

import { readTextIfThere } from '../files/files.ts';
import { PASSWORD_FILE, SUPERUSER } from './initdb.ts';
import { LOCATION_FILE, locationSchema } from './cluster.ts';

const DATABASE = 'leadctl';
const PORT_LINE = 3;
const portSchema = z.coerce.number().int().min(1).max(65_535);

/**
 * The superuser's URL of the server that runs on this data directory, or null when none seems to. It
 * holds the password. Reads what the server wrote (PostgreSQL: the fourth line of postmaster.pid is
 * its port), and starts nothing.
 */
export async function findRunningPostgres(dataDir: string): Promise<string | null> {
  const location = await readTextIfThere(join(dataDir, LOCATION_FILE));
  const homeDir =
    location === null
      ? join(dataDir, 'postgres')
      : locationSchema.parse(JSON.parse(location)).homeDir;
  const pidFile = await readTextIfThere(join(homeDir, 'data', 'postmaster.pid'));
  const password = await readTextIfThere(join(dataDir, PASSWORD_FILE));
  const port = portSchema.safeParse(pidFile?.split('\n')[PORT_LINE]);
  if (password === null || !port.success) return null;
  return `postgres://${SUPERUSER}:${password.trim()}@127.0.0.1:${port.data}/${DATABASE}`;
}
