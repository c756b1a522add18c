import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authContract } from '../../daemons/auth/contract.ts';
import { createClient, type Transport } from '../../lib/contract/client.ts';
import { clientIdSchema } from '../../lib/core/ids.ts';
import { bodyOf } from '../cli/api-error.ts';
import { openPlatform, type PlatformApi } from '../manifest/engine/api.ts';
import { carryOut, makePlan } from '../manifest/engine/converge.ts';
import { invalidManifest } from '../manifest/file/load.ts';
import { parseManifests } from '../manifest/file/parse.ts';
import { packageRoot } from '../package-root.ts';

export const DEMO_CLIENT = 'acme';
export const DEMO_SHEET_ID = 'acme-leads';
export const DEMO_SHEET_NAME = 'Leads';
export const DEMO_PAGE_ID = '200000000000001';
export const DEMO_PAGE_TOKEN = 'demo-page-token';
export const DEMO_HOOK = 'crm';
/** Of nobody's: it signs what goes to the sandbox. */
export const DEMO_SIGNING_SECRET = `whsec_${Buffer.from('the demo, signed for the sandbox').toString('base64')}`;

/** Where `examples/demo.yaml` has the sandbox. */
const USUAL_SANDBOX = 'http://127.0.0.1:8090';

const CALL_TIMEOUT_MS = 15_000;
const PROVISION_TIMEOUT_MS = 120_000;

/**
 * Applies `examples/demo.yaml` as an operator would, and returns the value of its API key. After an
 * interrupted run it does what is left; a key whose value was lost with that run gets a new one.
 */
export async function provisionDemo(
  gateway: string,
  admin: { readonly email: string; readonly password: string },
  sandbox: string = USUAL_SANDBOX,
): Promise<string> {
  const { manifest, problems } = await readDemo(sandbox);
  if (problems.length > 0) throw invalidManifest(problems);
  const signal = AbortSignal.timeout(PROVISION_TIMEOUT_MS);
  const api = openPlatform({ open: await signIn(gateway, admin) }, signal, () => undefined);
  const work = {
    api,
    manifest,
    prune: false,
    acceptUnproven: false,
    signal,
    onRead: () => undefined,
  };
  const planned = await makePlan(work);
  if (planned.problems.length > 0) throw invalidManifest(planned.problems);
  const settled = await carryOut(work, planned, () => undefined);
  let key: string | undefined;
  for (const result of settled.values()) {
    if ('problem' in result) bodyOf({ ok: false, problem: result.problem });
    if ('error' in result) throw result.error;
    if (result.status === 'done' && result.oneTime?.kind === 'api_key') key = result.oneTime.key;
  }
  return key ?? (await renewKey(api));
}

async function readDemo(sandbox: string) {
  const directory = join(packageRoot(import.meta.url), 'examples');
  const written = await readFile(join(directory, 'demo.yaml'), 'utf8');
  const text = written.replaceAll(USUAL_SANDBOX, sandbox);
  return parseManifests([{ name: 'demo.yaml', directory, text }], {
    DEMO_WHATSAPP_TOKEN: 'demo-whatsapp-token',
    DEMO_PAGE_TOKEN,
    DEMO_SERVICE_ACCOUNT: demoServiceAccount(),
    DEMO_SIGNING_SECRET,
    DEMO_SLACK_WEBHOOK: `${sandbox}/services/T0DEMO/B0DEMO/sales`,
  });
}

async function signIn(
  gateway: string,
  body: { readonly email: string; readonly password: string },
): Promise<Transport> {
  const send =
    (authorization: Readonly<Record<string, string>>): Transport =>
    ({ path, headers, signal, ...request }) =>
      fetch(gateway + path, {
        ...request,
        headers: { ...headers, ...authorization },
        signal: signal ?? AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
  const { email, password } = body;
  const login = await createClient(authContract, send({})).call('login', {
    body: { email, password },
  });
  return send({ authorization: `Bearer ${bodyOf(login).access_token}` });
}

async function renewKey({ keys }: PlatformApi): Promise<string> {
  const client = { client_id: clientIdSchema.parse(DEMO_CLIENT) };
  const { data } = bodyOf(await keys.call('listApiKeys', { params: client }));
  const lost = data.find(({ name, revoked_at }) => name === 'website' && revoked_at === null);
  const params = { ...client, key_id: lost?.id ?? '' };
  return bodyOf(await keys.call('rotateApiKey', { params, body: { overlap_seconds: 0 } })).key;
}

/** A service account of nobody's: Google's libraries want a real key to sign with, even for the sandbox. */
function demoServiceAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return JSON.stringify({
    type: 'service_account',
    client_email: 'demo@leadctl-demo.iam.gserviceaccount.com',
    private_key: privateKey,
    token_uri: 'https://oauth2.googleapis.com/token',
  });
}
