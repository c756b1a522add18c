import { join, relative } from 'node:path';
import { z } from 'zod';
import { readTextIfThere, replaceFile } from '../../lib/files/files.ts';
import { appSecretProof } from '../../lib/providers/meta/signature.ts';
import type { AdminCredentials } from './admin-credentials.ts';
import {
  DEMO_CLIENT,
  DEMO_HOOK,
  DEMO_PAGE_ID,
  DEMO_PAGE_TOKEN,
  DEMO_SHEET_ID,
  DEMO_SHEET_NAME,
  DEMO_SIGNING_SECRET,
  provisionDemo,
} from './provision-demo.ts';
import type { MetaApp } from './up.ts';

export interface Demo {
  readonly clientId: string;
  readonly apiKey: string;
  readonly whatToTry: readonly string[];
}

const demoSchema = z.object({ clientId: z.string(), apiKey: z.string() });

/** Provisions the demo unless an earlier start did; its key is kept, so that every start can print what to try. */
export async function ensureDemo(
  platform: {
    readonly dataDir: string;
    readonly gateway: string;
    readonly sandbox: string | undefined;
    readonly metaApp: MetaApp;
  },
  admin: AdminCredentials,
): Promise<Demo> {
  const file = join(platform.dataDir, 'demo.json');
  const kept = await readTextIfThere(file);
  const demo =
    kept === null
      ? {
          clientId: DEMO_CLIENT,
          apiKey: await provisionDemo(platform.gateway, admin, platform.sandbox),
        }
      : demoSchema.parse(JSON.parse(kept));
  if (kept === null) await replaceFile(file, `${JSON.stringify(demo)}\n`);
  if (platform.sandbox !== undefined) {
    await prepareSandbox(platform.sandbox, platform.gateway, platform.metaApp);
  }
  return { ...demo, whatToTry: whatToTry(platform, admin, demo) };
}

const CALL_TIMEOUT_MS = 5_000;

/** What the owners of a real sheet, page and app have done once; the sandbox forgets it with each stop. */
async function prepareSandbox(sandbox: string, gateway: string, app: MetaApp): Promise<void> {
  const send = async (method: string, path: string, body: unknown, token: string) => {
    const proof = appSecretProof(token, app.secret);
    const response = await fetch(`${sandbox}${path}?appsecret_proof=${proof}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`the sandbox refused ${method} ${path}: ${answer}`);
  };
  const sheet = { sheets: [DEMO_SHEET_NAME] };
  await send('PUT', `/_sandbox/sheets/${DEMO_SHEET_ID}`, sheet, DEMO_PAGE_TOKEN);
  const hook = { secret: DEMO_SIGNING_SECRET };
  await send('PUT', `/_sandbox/hooks/${DEMO_HOOK}`, hook, DEMO_PAGE_TOKEN);
  const fields = { subscribed_fields: 'leadgen' };
  await send('POST', `/v25.0/${DEMO_PAGE_ID}/subscribed_apps`, fields, DEMO_PAGE_TOKEN);
  if (app.id === undefined) return;
  const subscription = {
    object: 'page',
    fields: 'leadgen',
    callback_url: `${gateway}/webhook/meta`,
    verify_token: app.verifyToken,
  };
  await send('POST', `/v25.0/${app.id}/subscriptions`, subscription, `${app.id}|${app.secret}`);
}

function whatToTry(
  platform: { readonly gateway: string; readonly sandbox: string | undefined },
  admin: AdminCredentials,
  demo: { readonly clientId: string; readonly apiKey: string },
): string[] {
  const url = platform.gateway === 'http://127.0.0.1:8000' ? '' : ` --url ${platform.gateway}`;
  const password = admin.passwordFile
    ? `--password-file ${shortest(admin.passwordFile)}`
    : '--password-stdin';
  const looks = platform.sandbox
    ? [
        '',
        'See what was delivered:',
        `  ${platform.sandbox}/ in a browser, or`,
        `  curl -s ${platform.sandbox}/_sandbox/whatsapp/messages`,
        `  curl -s ${platform.sandbox}/_sandbox/sheets/${DEMO_SHEET_ID}`,
        `  curl -s ${platform.sandbox}/_sandbox/hooks?name=${DEMO_HOOK}`,
        `  curl -s ${platform.sandbox}/_sandbox/mail`,
        `  curl -s ${platform.sandbox}/_sandbox/slack/messages`,
      ]
    : [];
  return [
    `The client ${demo.clientId} is set up. Send it a lead, as a website form would:`,
    '',
    `  curl -s ${platform.gateway}/api/leads/ingest -H 'X-API-Key: ${demo.apiKey}' \\`,
    `    -H 'Content-Type: application/json' -d '{"name":"Ada Lovelace","email":"ada@example.com","phone":"+4930901820"}'`,
    ...looks,
    '',
    'Follow the leads as an operator, in another terminal:',
    `  bin/leadctl login${url} --email ${admin.email} ${password}`,
    `  bin/leadctl lead tail${url} --client ${demo.clientId}`,
  ];
}

/** As one would type it from here. */
function shortest(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
