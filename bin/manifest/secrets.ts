import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fingerprint } from '../../lib/secrets/sealed.ts';
import type { Problem } from './document.ts';
import type { ManifestDocument } from './parse.ts';
import type { IntegrationsSpec, SecretReference } from './schema.ts';
import { Secret } from './state.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The secrets of each client, by their dotted path in the integrations. */
export type Secrets = ReadonlyMap<string, ReadonlyMap<string, Secret>>;

export type ResolvedSecrets =
  | { readonly ok: true; readonly secrets: Secrets }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MAX_BYTES = 64 * 1024;

/** Fetches every secret that the manifests refer to; those that are not there are problems that name them. */
export async function resolveSecrets(
  documents: readonly ManifestDocument[],
  env: Env,
): Promise<ResolvedSecrets> {
  const problems: Problem[] = [];
  const secrets = new Map<string, Map<string, Secret>>();
  for (const { manifest, source, directory } of documents) {
    for (const [at, client] of manifest.clients.entries()) {
      const { client_id: clientId } = client;
      const found = new Map<string, Secret>();
      for (const [path, reference] of referencesOf(client.integrations)) {
        const read = await readSecret(reference, directory, env);
        if (read.ok) {
          const mark = fingerprint({ clientId, field: path }, read.secret);
          found.set(path, new Secret(read.secret, mark));
        } else {
          const place = source.placeOf(['clients', at, 'integrations', ...path.split('.')]);
          problems.push({ ...place, message: `${path} of ${clientId}: ${read.why}` });
        }
      }
      secrets.set(clientId, found);
    }
  }
  return problems.length === 0 ? { ok: true, secrets } : { ok: false, problems };
}

function referencesOf({ whatsapp, google_sheets: sheets, meta }: IntegrationsSpec = {}): Map<
  string,
  SecretReference
> {
  const all = {
    'whatsapp.access_token': whatsapp?.access_token,
    'google_sheets.service_account': sheets?.service_account,
    'meta.page_access_token': meta?.page_access_token,
  };
  const given = new Map<string, SecretReference>();
  for (const [path, reference] of Object.entries(all)) {
    if (reference !== undefined) given.set(path, reference);
  }
  return given;
}

type Read =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly why: string };

async function readSecret(reference: SecretReference, directory: string, env: Env): Promise<Read> {
  const { fromEnv, fromFile } = reference;
  if (fromEnv !== undefined) {
    const value = env[fromEnv]?.trim() ?? '';
    return value === ''
      ? { ok: false, why: `the environment variable ${fromEnv} is not set` }
      : { ok: true, secret: value };
  }
  const file = isAbsolute(fromFile ?? '') ? (fromFile ?? '') : join(directory, fromFile ?? '');
  try {
    if ((await stat(file)).size > MAX_BYTES)
      return { ok: false, why: `${file} is longer than 64 KiB` };
    const value = (await readFile(file, 'utf8')).trim();
    return value === '' ? { ok: false, why: `${file} is empty` } : { ok: true, secret: value };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return { ok: false, why: `cannot read ${file} (${code})` };
  }
}
