import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomText, readIfThere } from '../host/secrets.ts';
import type { Env } from '../host/context.ts';
import { usageError } from '../cli/failure.ts';

export interface AdminCredentials {
  readonly email: string;
  readonly password: string;
  /** Where the password was written, when it was made here. */
  readonly passwordFile: string | undefined;
}

const DEMO_EMAIL = 'admin@leadctl.example';

/**
 * The first admin's: LEADCTL_ADMIN_EMAIL and LEADCTL_ADMIN_PASSWORD, or for a demo a password made
 * once and kept in the data directory, readable by its owner only.
 */
export async function adminCredentials(
  env: Env,
  options: { readonly dataDir: string; readonly demo: boolean },
): Promise<AdminCredentials | undefined> {
  const email = env['LEADCTL_ADMIN_EMAIL'];
  const password = env['LEADCTL_ADMIN_PASSWORD'];
  if (email && password) return { email, password, passwordFile: undefined };
  if (email || password) {
    throw usageError(
      'Only one of LEADCTL_ADMIN_EMAIL and LEADCTL_ADMIN_PASSWORD is set',
      'set both, or neither',
    );
  }
  if (!options.demo) return undefined;
  const passwordFile = join(options.dataDir, 'admin-password');
  const kept = await readIfThere(passwordFile);
  if (kept !== undefined) return { email: DEMO_EMAIL, password: kept.trim(), passwordFile };
  const made = randomText(12);
  await writeFile(passwordFile, `${made}\n`, { mode: 0o600 });
  return { email: DEMO_EMAIL, password: made, passwordFile };
}
