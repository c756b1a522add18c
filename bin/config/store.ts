import os from 'node:os';
import path from 'node:path';
import { createJsonFile, type JsonFile } from './json-file.ts';
import type { Config, Credential, Credentials } from './schemas.ts';

export interface ConfigStore {
  readonly config: JsonFile<Config>;
  readonly credentials: JsonFile<Credentials>;
}

/** Where contexts and tokens are kept: `LEADCTL_CONFIG_DIR`, else the XDG configuration folder. */
export function configDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env['LEADCTL_CONFIG_DIR']) return env['LEADCTL_CONFIG_DIR'];
  const home = env['HOME'] || os.homedir();
  return path.join(env['XDG_CONFIG_HOME'] || path.join(home, '.config'), 'leadctl');
}

/** Nothing is read or written before it is asked for. */
export function createConfigStore(dir: string): ConfigStore {
  return {
    config: createJsonFile({
      path: path.join(dir, 'config.json'),
      schema: async () => (await import('./schemas.ts')).configSchema,
      empty: { contexts: {} },
    }),
    credentials: createJsonFile({
      path: path.join(dir, 'credentials.json'),
      schema: async () => (await import('./schemas.ts')).credentialsSchema,
      empty: { logins: {} },
    }),
  };
}

export interface FoundCredential {
  readonly key: string;
  readonly credential: Credential;
}

/** The first login that is stored under one of these names. */
export async function findCredential(
  store: ConfigStore,
  keys: readonly string[],
): Promise<FoundCredential | undefined> {
  const { logins } = await store.credentials.read();
  for (const key of keys) {
    const credential = logins[key];
    if (credential !== undefined) return { key, credential };
  }
  return undefined;
}

/** The login of that name, if there is one. */
export async function readCredential(
  store: ConfigStore,
  key: string,
): Promise<Credential | undefined> {
  return (await findCredential(store, [key]))?.credential;
}

export async function saveCredential(
  store: ConfigStore,
  key: string,
  credential: Credential,
): Promise<void> {
  await store.credentials.update(({ logins }) => ({ logins: { ...logins, [key]: credential } }));
}

export async function removeCredential(store: ConfigStore, key: string): Promise<void> {
  await store.credentials.update(({ logins }) => ({
    logins: Object.fromEntries(Object.entries(logins).filter(([name]) => name !== key)),
  }));
}
