import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  INTERNAL_SECRET: z.string(),
  JWT_SECRETS: z.string(),
  FERNET_KEYS: z.string(),
  META_APP_SECRET: z.string(),
  META_VERIFY_TOKEN: z.string(),
});
export type EmbeddedSecrets = z.infer<typeof secretsSchema>;

const OWNER_ONLY = 0o600;

/** The secrets of an embedded installation: made at its first start, kept in its data directory, read by its owner only. */
export async function embeddedSecrets(dataDir: string): Promise<EmbeddedSecrets> {
  const file = join(dataDir, 'secrets.json');
  const kept = await readIfThere(file);
  if (kept !== undefined) return secretsSchema.parse(JSON.parse(kept));
  const made: EmbeddedSecrets = {
    INTERNAL_SECRET: randomText(32),
    JWT_SECRETS: `k1:${randomText(32)}`,
    FERNET_KEYS: `${randomBytes(32).toString('base64url')}=`,
    META_APP_SECRET: randomText(16),
    META_VERIFY_TOKEN: randomText(16),
  };
  const fresh = `${file}.new`;
  await writeFile(fresh, `${JSON.stringify(made, null, 2)}\n`, { mode: OWNER_ONLY });
  await rename(fresh, file);
  return made;
}

export function randomText(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
