import type { z } from 'zod';
import { createAccessCopy, type AccessCopy } from '../../lib/access/copy.ts';
import type { databaseSettings } from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';

/** The gateway's copy of the access model, on connections that may read nothing else. */
export function openAccess(
  deps: DaemonDeps,
  settings: z.output<typeof databaseSettings>,
): AccessCopy {
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_gateway',
    applicationName: 'leadctl-gateway',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  const copy = createAccessCopy({ ...deps, database });
  return { ...copy, stop: () => stopAll([database, copy]) };
}
