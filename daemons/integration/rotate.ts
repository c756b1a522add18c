import { z } from 'zod';
import type { Database } from '../../lib/db/database.ts';
import { allClients, type Unit } from '../../lib/db/scope.ts';
import { rowsOf } from '../../lib/events/outbox.ts';
import type { Keyring } from '../../lib/secrets/fernet.ts';
import { SECRET_FIELDS, storedConfig, type SealedSecret, type StoredConfig } from './settings.ts';

export interface RotationReport {
  readonly clients: number;
  /** Secrets that were under an older key and are under the newest now; with `isDryRun`, would be. */
  readonly rotated: number;
  /** Secrets that no key of the ring opens: they have to be set again. */
  readonly failed: readonly { readonly clientId: string; readonly field: string }[];
}

const WHY = allClients('every client’s secrets go under the newest key');
const PAGE = 100;

export interface RotationDeps {
  readonly database: Database;
  readonly keyring: Keyring;
  /** Only counts. */
  readonly isDryRun?: boolean;
  /** Told after each page of clients. */
  readonly onProgress?: (soFar: { readonly clients: number; readonly rotated: number }) => unknown;
}

/**
 * Puts all integration secrets under the newest key, while the system runs: a page of rows is locked
 * for a moment, so that no change made meanwhile is overwritten, and what is there means the same
 * before and after, so there is no new version. May be interrupted and run again. All daemons must
 * know the newest key before; keep the old ones in the ring until it is through.
 */
export async function rotateSecrets(deps: RotationDeps): Promise<RotationReport> {
  const failed: { clientId: string; field: string }[] = [];
  let [clients, rotated, after] = [0, 0, ''];
  for (let isMore = true; isMore;) {
    const page = await deps.database.inTransaction(WHY, async (unit) => {
      const rows = await lockPage(unit, after);
      for (const row of rows) rotated += await rotateRow(unit, deps, row, failed);
      return rows;
    });
    clients += page.length;
    after = page.at(-1)?.client_id ?? after;
    isMore = page.length === PAGE;
    await deps.onProgress?.({ clients, rotated });
  }
  return { clients, rotated, failed };
}

const configRow = z.object({ client_id: z.string(), config: storedConfig });
type ConfigRow = z.output<typeof configRow>;

async function lockPage(unit: Unit, after: string): Promise<ConfigRow[]> {
  const found: unknown = await unit.trx.raw(
    `SELECT client_id, config FROM client_integrations WHERE client_id > ?
     ORDER BY client_id LIMIT ? FOR UPDATE`,
    [after, PAGE],
  );
  return rowsOf(found).map((row) => configRow.parse(row));
}

async function rotateRow(
  unit: Unit,
  { keyring, isDryRun = false }: RotationDeps,
  { client_id: clientId, config }: ConfigRow,
  failed: { clientId: string; field: string }[],
): Promise<number> {
  let rotated = 0;
  const next = (secret: SealedSecret | undefined, field: string): SealedSecret | undefined => {
    if (secret === undefined) return undefined;
    const outcome = keyring.rotate(secret.sealed);
    if (!outcome.ok) failed.push({ clientId, field });
    if (!outcome.ok || !outcome.changed) return secret;
    rotated += 1;
    return { ...secret, sealed: outcome.token };
  };
  const { whatsapp, google_sheets: sheets, meta } = config;
  const changed: StoredConfig = {
    whatsapp: { ...whatsapp, access_token: next(whatsapp.access_token, SECRET_FIELDS.whatsapp) },
    google_sheets: {
      ...sheets,
      service_account: next(sheets.service_account, SECRET_FIELDS.google_sheets),
    },
    meta: { page_access_token: next(meta.page_access_token, SECRET_FIELDS.meta) },
  };
  if (rotated > 0 && !isDryRun) {
    await unit.trx.raw('UPDATE client_integrations SET config = ?::jsonb WHERE client_id = ?', [
      JSON.stringify(changed),
      clientId,
    ]);
  }
  return rotated;
}
