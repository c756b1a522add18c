import { z } from 'zod';
import type { Database } from '../../lib/db/database.ts';
import { allClients, type Unit } from '../../lib/db/scope.ts';
import type { Keyring } from '../../lib/secrets/fernet.ts';
import { sealedSecret, storedSecrets, type SealedSecret } from './destinations/model.ts';
import { META_SECRET, storedConfig } from './switchboard/model.ts';

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
  /** Told after each page. */
  readonly onProgress?: (soFar: { readonly clients: number; readonly rotated: number }) => unknown;
}

/**
 * Puts the secrets of all destinations, and all page tokens, under the newest key, while the system runs:
 * a page of rows is locked for a moment, so that no change made meanwhile is overwritten, and what is
 * there means the same before and after, so there is no new version. May be interrupted and run again.
 * All daemons must know the newest key before; keep the old ones in the ring until it is through.
 */
export async function rotateSecrets(deps: RotationDeps): Promise<RotationReport> {
  const failed: { clientId: string; field: string }[] = [];
  const clients = new Set<string>();
  let rotated = 0;
  for (const table of TABLES) {
    for (let after = '', isMore = true; isMore;) {
      const page = await deps.database.inTransaction(WHY, async (unit) => {
        const rows = await lockPage(unit, table, after);
        for (const row of rows) rotated += await rotateRow(unit, deps, table, row, failed);
        return rows;
      });
      for (const { client_id: clientId } of page) clients.add(clientId);
      after = page.at(-1)?.key ?? after;
      isMore = page.length === PAGE;
      await deps.onProgress?.({ clients: clients.size, rotated });
    }
  }
  return { clients: clients.size, rotated, failed };
}

const secretsRow = z.object({
  /** What the pages are in order of. */
  key: z.string(),
  client_id: z.string(),
  name: z.string(),
  secrets: z.unknown(),
});
type SecretsRow = z.output<typeof secretsRow>;

/** Where secrets are kept, and how they are read out of a row and put back into it. */
interface SecretsTable {
  /** `:after` is the last key seen, empty at first. */
  readonly select: string;
  readonly update: string;
  readonly read: (kept: unknown) => Readonly<Record<string, SealedSecret>>;
  readonly written: (secrets: Readonly<Record<string, SealedSecret>>) => unknown;
}

const TABLES: readonly SecretsTable[] = [
  {
    select: `SELECT CAST(id AS text) AS key, client_id, name, secrets FROM destinations
      WHERE CAST(id AS text) > :after ORDER BY CAST(id AS text)`,
    update: `UPDATE destinations SET secrets = CAST(:secrets AS jsonb) WHERE CAST(id AS text) = :key`,
    read: (kept) => storedSecrets.parse(kept),
    written: (secrets) => secrets,
  },
  {
    select: `SELECT client_id AS key, client_id, 'meta' AS name, config AS secrets
      FROM client_integrations WHERE client_id > :after ORDER BY client_id`,
    update: `UPDATE client_integrations SET config = CAST(:secrets AS jsonb) WHERE client_id = :key`,
    read(kept) {
      const { page_access_token: token } = storedConfig.parse(kept).meta;
      return token === undefined ? {} : { page_access_token: token };
    },
    written: (secrets) => ({ meta: secrets }),
  },
];

async function lockPage(unit: Unit, table: SecretsTable, after: string): Promise<SecretsRow[]> {
  return unit.rows(secretsRow, `${table.select} LIMIT ${PAGE} FOR UPDATE`, { after });
}

async function rotateRow(
  unit: Unit,
  { keyring, isDryRun = false }: RotationDeps,
  table: SecretsTable,
  { key, client_id: clientId, name, secrets }: SecretsRow,
  failed: { clientId: string; field: string }[],
): Promise<number> {
  let rotated = 0;
  const next = (field: string, secret: SealedSecret): SealedSecret => {
    const outcome = keyring.rotate(secret.sealed);
    if (!outcome.ok) {
      failed.push({ clientId, field: name === 'meta' ? META_SECRET : `${name}.${field}` });
      return secret;
    }
    if (outcome.changed) rotated += 1;
    return sealedSecret.parse({ ...secret, sealed: outcome.token, ...overlapping(secret) });
  };
  /** One that no key opens any more has had its time, and is let go. */
  const overlapping = ({ previous }: SealedSecret) => {
    const outcome = previous && keyring.rotate(previous.sealed);
    if (previous === undefined || outcome?.ok !== true) return { previous: undefined };
    return { previous: { ...previous, sealed: outcome.token } };
  };
  const changed = Object.fromEntries(
    Object.entries(table.read(secrets)).map(([field, secret]) => [field, next(field, secret)]),
  );
  if (rotated > 0 && !isDryRun) {
    await unit.run(table.update, { key, secrets: JSON.stringify(table.written(changed)) });
  }
  return rotated;
}
