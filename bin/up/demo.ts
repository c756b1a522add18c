import { rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../host/secrets.ts';
import type { AdminCredentials } from './admin-credentials.ts';
import { DEMO_CLIENT, DEMO_SHEET_ID, provisionDemo } from './provision-demo.ts';

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
  },
  admin: AdminCredentials,
): Promise<Demo> {
  const file = join(platform.dataDir, 'demo.json');
  const kept = await readIfThere(file);
  const demo =
    kept === undefined
      ? { clientId: DEMO_CLIENT, apiKey: await provisionDemo(platform.gateway, admin) }
      : demoSchema.parse(JSON.parse(kept));
  if (kept === undefined) {
    await writeFile(`${file}.new`, `${JSON.stringify(demo)}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return { ...demo, whatToTry: whatToTry(platform, admin, demo) };
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
