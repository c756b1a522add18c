import { generateKeyPairSync } from 'node:crypto';
import type { Client } from 'pg';
import { seal } from '../../daemons/integration/destinations/secrets.ts';
import { newId } from '../../lib/core/ids.ts';
import { newSigningSecret } from '../../lib/providers/webhook/signature.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';

export type Kind = 'whatsapp' | 'google_sheets' | 'webhook';

/** Makes clients, each with one destination of the kind; resolves to their ids. */
export async function seedClients(
  owner: Client,
  { kind, count, fernetKey, url }: { kind: Kind; count: number; fernetKey: string; url: string },
): Promise<readonly string[]> {
  const keyring = createKeyring([fernetKey]);
  const ids = Array.from({ length: count }, () => `${kind}-${newId()}`);
  for (const clientId of ids) {
    const place = { id: newId(), kind, client_id: clientId };
    const { settings, secret } = given(kind, clientId, url);
    const [name, value] = secret;
    const secrets = { [name]: seal(keyring, place, name, value, new Date()) };
    await owner.query('INSERT INTO clients (client_id, name) VALUES ($1, $1)', [clientId]);
    await owner.query(
      `INSERT INTO destinations (id, client_id, name, kind, enabled, settings, secrets, filter, occasions)
       VALUES ($1, $2, $3, $3, true, $4, $5, '{}', '{lead.created}')`,
      [place.id, clientId, kind, settings, secrets],
    );
    await owner.query(
      `INSERT INTO destination_versions (client_id, destination_id, version, settings)
       VALUES ($1, $2, 1, $3)`,
      [clientId, place.id, settings],
    );
  }
  return ids;
}

function given(kind: Kind, clientId: string, url: string) {
  switch (kind) {
    case 'whatsapp': {
      const template = { name: 'new_lead', language: 'en', parameters: [{ field: 'name' }] };
      const settings = { phone_number_id: clientId, recipient: 'lead', template };
      return { settings, secret: ['access_token', 'a token of the bench'] as const };
    }
    case 'google_sheets':
      return {
        settings: { spreadsheet_id: clientId },
        secret: ['service_account', ACCOUNT] as const,
      };
    case 'webhook':
      return {
        settings: { url: `${url}/hook` },
        secret: ['signing_secret', newSigningSecret()] as const,
      };
  }
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ACCOUNT = JSON.stringify({
  type: 'service_account',
  client_email: 'bench@project.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
});

let phones = 0;

/** Commits leads with their events, as ingestion does, each with a phone of its own; `announceLeads` says so. */
export async function commitLeads(
  owner: Client,
  clients: readonly string[],
  each: number,
): Promise<void> {
  const made = clients.flatMap((clientId) =>
    Array.from({ length: each }, () => {
      phones += 1;
      return { id: newId(), clientId, phone: `+49151${10_000_000 + phones}` };
    }),
  );
  await owner.query(
    `WITH made AS (
       INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, status, raw_payload,
         created_at, updated_at)
       SELECT id, client_id, 'Ada Lovelace', 'ada@example.com', phone, true, 'website', 'new',
         '{"name":"Ada Lovelace","city":"Berlin","budget":"12000"}', now(), now()
       FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t(id, client_id, phone)
       RETURNING id, client_id)
     INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM made`,
    [
      made.map(({ id }) => id),
      made.map(({ clientId }) => clientId),
      made.map(({ phone }) => phone),
    ],
  );
}

export async function announceLeads(owner: Client): Promise<void> {
  await owner.query('NOTIFY leadctl_events');
}
