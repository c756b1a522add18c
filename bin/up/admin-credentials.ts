import { join } from 'node:path';
import { readTextIfThere, replaceFile } from '../../lib/files/files.ts';
import { randomText } from '../host/secrets.ts';
import type { Env } from '../host/env.ts';
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
  const kept = await readTextIfThere(passwordFile);
  if (kept !== null) return { email: DEMO_EMAIL, password: kept.trim(), passwordFile };
  const made = randomText(12);
  await replaceFile(passwordFile, `${made}\n`);
  return { email: DEMO_EMAIL, password: made, passwordFile };
}
