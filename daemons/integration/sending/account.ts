import type { Pool } from 'pg';
import { z } from 'zod';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor } from '../../../lib/secrets/sealed.ts';
import { SECRET_FIELDS, storedConfig, type Integration } from '../settings.ts';
import type { Hold } from './transitions/hold-lane.ts';

/** The secret with which a client's deliveries go out now, or why none can. */
export type Credentials = { readonly version: number | null } & (
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly hold: Hold }
);

const row = z.object({
  whatsapp_enabled: z.boolean(),
  google_sheets_enabled: z.boolean(),
  config: storedConfig,
  version: z.int(),
});

export async function readCredentials(
  deps: { readonly pool: Pool; readonly keyring: Keyring },
  clientId: string,
  integration: Integration,
): Promise<Credentials> {
  const { rows } = await deps.pool.query({
    name: 'read-credentials',
    text: `SELECT whatsapp_enabled, google_sheets_enabled, config, version FROM client_integrations
      WHERE client_id = $1`,
    values: [clientId],
  });
  if (rows[0] === undefined) {
    return { version: null, ...refuse(integration, 'is not configured') };
  }
  const current = row.parse(rows[0]);
  return { version: current.version, ...secretOf(deps.keyring, clientId, integration, current) };
}

function secretOf(
  keyring: Keyring,
  clientId: string,
  integration: Integration,
  current: z.output<typeof row>,
) {
  const isEnabled =
    integration === 'whatsapp' ? current.whatsapp_enabled : current.google_sheets_enabled;
  if (!isEnabled) return refuse(integration, 'is switched off', 'integration_disabled');
  const secret =
    integration === 'whatsapp'
      ? current.config.whatsapp.access_token
      : current.config.google_sheets.service_account;
  const field = SECRET_FIELDS[integration];
  if (secret === undefined) return refuse(integration, `has no ${field}`);
  const opened = openFor(keyring, { clientId, field }, secret.sealed);
  if (opened.ok) return { ok: true, secret: opened.secret } as const;
  return refuse(
    integration,
    `has a ${field} that cannot be opened (${opened.reason})`,
    'secret_unreadable',
  );
}

export function refuse(
  integration: Integration,
  problem: string,
  code = 'not_configured',
): { readonly ok: false; readonly hold: Hold } {
  const message = `${integration} ${problem}. Set it with "leadctl integration set"; what waits is then sent.`;
  return { ok: false, hold: { code, message, recheckAfterMs: null } };
}
