import { z } from 'zod';
import {
  bootstrapAdmin,
  type AdminInput,
  type BootstrappedAdmin,
} from '../../daemons/auth/bootstrap.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { authSettings, databaseSettings, loadConfig } from '../../lib/core/config.ts';
import { isFailure } from '../../lib/core/errors.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { CliError } from '../cli/failure.ts';
import type { Env } from '../host/env.ts';

const settingsSchema = z.object({
  ...databaseSettings.shape,
  BCRYPT_ROUNDS: authSettings.shape.BCRYPT_ROUNDS,
});

/** Sees to it, straight in the database, that this user is an admin who can log in. */
export async function ensureAdmin(env: Env, admin: AdminInput): Promise<BootstrappedAdmin> {
  const settings = loadConfig(env, settingsSchema);
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_auth',
    as: 'owner',
    applicationName: 'leadctl-admin',
    poolMax: 1,
  });
  try {
    const made = await bootstrapAdmin(
      { database, clock: systemClock, rounds: settings.BCRYPT_ROUNDS },
      admin,
    );
    if (isFailure(made)) {
      throw new CliError(`Cannot make ${admin.email} an admin`, {
        code: made.code,
        why: made.detail,
      });
    }
    return made;
  } finally {
    await database.stop();
  }
}
