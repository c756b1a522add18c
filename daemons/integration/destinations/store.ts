import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { destinationRow, type Destination } from './model.ts';

const COLUMNS = `id, client_id, name, kind, enabled, occasions, filter, settings, secrets, version,
  disabled_code, disabled_message, created_at, updated_at`;

const countRow = z.object({ count: z.int() });

/** At most `limit + 1`, by id. */
export async function listDestinations(
  unit: ClientUnit,
  { limit, afterId }: { readonly limit: number; readonly afterId?: string | undefined },
): Promise<Destination[]> {
  return unit.rows(
    destinationRow,
    `SELECT ${COLUMNS} FROM destinations
     WHERE client_id = :clientId AND removed_at IS NULL
       AND (CAST(:afterId AS uuid) IS NULL OR id > CAST(:afterId AS uuid))
     ORDER BY id LIMIT :limit`,
    { clientId: unit.scope.clientId, afterId: afterId ?? null, limit: limit + 1 },
  );
}

export async function findDestination(
  unit: ClientUnit,
  id: string,
): Promise<Destination | undefined> {
  return unit.maybeOne(
    destinationRow,
    `SELECT ${COLUMNS} FROM destinations WHERE client_id = ? AND id = ? AND removed_at IS NULL`,
    [unit.scope.clientId, id],
  );
}

/**
 * Those with these names, and nobody else changes any of the client's destinations until the transaction
 * ends: the client's row stands for rows that may not be there yet.
 */
export async function lockNamed(
  unit: ClientUnit,
  names: readonly string[],
): Promise<ReadonlyMap<string, Destination>> {
  const { clientId } = unit.scope;
  await lockAll(unit);
  // A rotation of the secrets' keys locks only these; without it we would put an old token back.
  const found = await unit.rows(
    destinationRow,
    `SELECT ${COLUMNS} FROM destinations
     WHERE client_id = ? AND name = ANY (CAST(? AS text[])) AND removed_at IS NULL
     ORDER BY id FOR NO KEY UPDATE`,
    [clientId, [...names]],
  );
  return new Map(found.map((row) => [row.name, row]));
}

/** As findDestination, locked as `lockNamed` does. */
export async function lockDestination(
  unit: ClientUnit,
  id: string,
): Promise<Destination | undefined> {
  await lockAll(unit);
  return unit.maybeOne(
    destinationRow,
    `SELECT ${COLUMNS} FROM destinations
     WHERE client_id = ? AND id = ? AND removed_at IS NULL FOR NO KEY UPDATE`,
    [unit.scope.clientId, id],
  );
}

/** Leads go on coming meanwhile: their rows point to the client's, and a stronger lock would keep them out. */
async function lockAll(unit: ClientUnit): Promise<void> {
  const { clientId } = unit.scope;
  await unit.trx('clients').where('client_id', clientId).forNoKeyUpdate().first('client_id');
}

/** How many the client has. */
export async function countDestinations(unit: ClientUnit): Promise<number> {
  const found = await unit.one(
    countRow,
    `SELECT CAST(count(*) AS integer) AS count FROM destinations
     WHERE client_id = ? AND removed_at IS NULL`,
    [unit.scope.clientId],
  );
  return found.count;
}

/** Its name is free and its secrets are gone; the row stays for its deliveries. */
export async function removeDestination(unit: ClientUnit, id: string, at: Date): Promise<void> {
  await unit
    .trx('destinations')
    .where({ client_id: unit.scope.clientId, id })
    .update({ enabled: false, secrets: '{}', removed_at: at, updated_at: at });
}

export async function findNamed(
  unit: ClientUnit,
  names: readonly string[],
): Promise<ReadonlyMap<string, Destination>> {
  const found = await unit.rows(
    destinationRow,
    `SELECT ${COLUMNS} FROM destinations
     WHERE client_id = ? AND name = ANY (CAST(? AS text[])) AND removed_at IS NULL`,
    [unit.scope.clientId, [...names]],
  );
  return new Map(found.map((row) => [row.name, row]));
}

/** Writes the row and the version that it is from now on. */
export async function saveDestination(unit: ClientUnit, destination: Destination): Promise<void> {
  const { id, version, settings, updated_at: at } = destination;
  const { clientId } = unit.scope;
  const row = {
    ...destination,
    client_id: clientId,
    occasions: [...destination.occasions],
    filter: JSON.stringify(destination.filter),
    settings: JSON.stringify(settings),
    secrets: JSON.stringify(destination.secrets),
  };
  await unit.trx('destinations').insert(row).onConflict('id').merge();
  await unit.trx('destination_versions').insert({
    client_id: clientId,
    destination_id: id,
    version,
    settings: JSON.stringify(settings),
    created_at: at,
  });
}

export interface HeldLane {
  readonly lane_key: string;
  readonly destination_id: string;
  readonly kind: string;
  readonly account: string;
  readonly held_at: Date;
  readonly held_code: string;
  readonly held_message: string;
}

export async function findHeldLanes(unit: ClientUnit): Promise<HeldLane[]> {
  return unit
    .trx<HeldLane & { client_id: string }>('lanes')
    .where('client_id', unit.scope.clientId)
    .whereNotNull('held_at')
    .orderBy('lane_key')
    .select(
      'lane_key',
      'destination_id',
      'kind',
      'account',
      'held_at',
      'held_code',
      'held_message',
    );
}
