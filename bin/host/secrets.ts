import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readTextIfThere, replaceFile } from '../../lib/files/files.ts';

const secretsSchema = z.object({
  INTERNAL_SECRET: z.string(),
  DATABASE_LOGIN_SECRET: z.string(),
  JWT_SECRETS: z.string(),
  FERNET_KEYS: z.string(),
  META_APP_SECRET: z.string(),
  META_VERIFY_TOKEN: z.string(),
});
export type EmbeddedSecrets = z.infer<typeof secretsSchema>;

/** What the file holds besides: when its newest Fernet key came, once there was an older one. */
const fileSchema = secretsSchema.extend({
  /** One that was made by an earlier version has none yet. */
  DATABASE_LOGIN_SECRET: z.string().optional(),
  FERNET_KEYS_CHANGED_AT: z.iso.datetime().optional(),
});
type SecretsFile = z.infer<typeof fileSchema>;

/** The secrets of an embedded installation: made at its first start, kept in its data directory, read by its owner only. */
export async function embeddedSecrets(dataDir: string): Promise<EmbeddedSecrets> {
  const kept = await readSecrets(dataDir);
  if (kept?.DATABASE_LOGIN_SECRET !== undefined) return secretsSchema.parse(kept);
  const made = newSecrets();
  const { DATABASE_LOGIN_SECRET } = made;
  const whole = { ...made, ...kept, DATABASE_LOGIN_SECRET };
  await writeSecrets(dataDir, whole);
  return secretsSchema.parse(whole);
}

/** Fresh ones for a whole installation. */
export function newSecrets(): EmbeddedSecrets {
  return {
    INTERNAL_SECRET: randomText(32),
    DATABASE_LOGIN_SECRET: randomText(32),
    JWT_SECRETS: `k1:${randomText(32)}`,
    FERNET_KEYS: newFernetKey(),
    META_APP_SECRET: randomText(16),
    META_VERIFY_TOKEN: randomText(16),
  };
}

/** An embedded installation's Fernet keys, or undefined where none was ever started. */
export async function embeddedFernetKeys(
  dataDir: string,
): Promise<
  { readonly keys: readonly string[]; readonly changedAt: string | undefined } | undefined
> {
  const kept = await readSecrets(dataDir);
  return kept && { keys: kept.FERNET_KEYS.split(','), changedAt: kept.FERNET_KEYS_CHANGED_AT };
}

/** Puts a new Fernet key before the others; what starts from now on seals with it. */
export async function addFernetKey(dataDir: string, now: Date): Promise<void> {
  await changeFernetKeys(dataDir, (keys) => [newFernetKey(), ...keys], now);
}

/** Forgets all Fernet keys but the newest. */
export async function dropOldFernetKeys(dataDir: string): Promise<void> {
  await changeFernetKeys(dataDir, (keys) => keys.slice(0, 1));
}

async function changeFernetKeys(
  dataDir: string,
  change: (keys: readonly string[]) => readonly string[],
  now?: Date,
): Promise<void> {
  const kept = await readSecrets(dataDir);
  if (kept === undefined) throw new Error(`there are no secrets in ${dataDir}`);
  await writeSecrets(dataDir, {
    ...kept,
    FERNET_KEYS: change(kept.FERNET_KEYS.split(',')).join(','),
    FERNET_KEYS_CHANGED_AT: now?.toISOString() ?? kept.FERNET_KEYS_CHANGED_AT,
  });
}

async function readSecrets(dataDir: string): Promise<SecretsFile | undefined> {
  const kept = await readTextIfThere(fileOf(dataDir));
  return kept === null ? undefined : fileSchema.parse(JSON.parse(kept));
}

/** In one step, readable by the owner only. */
async function writeSecrets(dataDir: string, secrets: SecretsFile): Promise<void> {
  await replaceFile(fileOf(dataDir), `${JSON.stringify(secrets, null, 2)}\n`);
}

const fileOf = (dataDir: string): string => join(dataDir, 'secrets.json');

function newFernetKey(): string {
  return `${randomBytes(32).toString('base64url')}=`;
}

export function randomText(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
