import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { createJsonFile, type JsonFile } from './json-file.ts';

const contextSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  client: z.string().optional(),
});
const configSchema = z.strictObject({
  current: z.string().optional(),
  contexts: z.record(z.string(), contextSchema),
});
const credentialSchema = z.strictObject({
  email: z.string().optional(),
  access_token: z.string(),
  access_expires_at: z.iso.datetime(),
  refresh_token: z.string(),
  refresh_expires_at: z.iso.datetime(),
});
const credentialsSchema = z.strictObject({ logins: z.record(z.string(), credentialSchema) });

/** A gateway with the client one usually means there. */
export type Context = z.output<typeof contextSchema>;
export type Config = z.output<typeof configSchema>;
/** Tokens of one login; times are RFC 3339. */
export type Credential = z.output<typeof credentialSchema>;

export interface ConfigStore {
  readonly config: JsonFile<Config>;
  readonly credentials: JsonFile<z.output<typeof credentialsSchema>>;
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
      schema: configSchema,
      empty: { contexts: {} },
    }),
    credentials: createJsonFile({
      path: path.join(dir, 'credentials.json'),
      schema: credentialsSchema,
      empty: { logins: {} },
    }),
  };
}

/** The login of that context and gateway, if there is one. */
export async function readCredential(
  store: ConfigStore,
  key: string,
): Promise<Credential | undefined> {
  return (await store.credentials.read()).logins[key];
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
