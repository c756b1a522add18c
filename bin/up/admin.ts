import { bootstrapAdmin } from '../../daemons/auth/bootstrap.ts';
import { authSettings, databaseSettings, loadConfig } from '../../lib/core/config.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { z } from 'zod';
import type { Env } from '../host/context.ts';

const settingsSchema = z.object({ ...databaseSettings.shape, BCRYPT_ROUNDS: authSettings.shape.BCRYPT_ROUNDS });

/** Makes the first admin, or leaves the one of that e-mail an admin with the password it has. */
export async function ensureAdmin(
  env: Env,
  admin: { readonly email: string; readonly password: string },
): Promise<void> {
  const settings = loadConfig(env, settingsSchema);
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_app',
    applicationName: 'leadctl-admin',
    poolMax: 1,
  });
  try {
    await bootstrapAdmin({ database, bcryptRounds: settings.BCRYPT_ROUNDS }, admin);
  } finally {
    await database.stop();
  }
}
