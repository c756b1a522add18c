import { Model } from 'objection';
import { violatedConstraint } from '../../lib/db/errors.ts';
import type {
  AllClientsScope,
  ClientScope,
  ClientUnit,
  Unit,
  UserScope,
} from '../../lib/db/scope.ts';
import type { ClientFilters, ClientStatus } from './contract.ts';

export class ClientRow extends Model {
  static override readonly tableName = 'clients';
  static override readonly idColumn = 'client_id';

  declare client_id: string;
  declare name: string;
  declare status: ClientStatus;
  declare default_country: string | null;
  declare created_at: Date;
  declare updated_at: Date;
}

export type ClientInsert = Pick<ClientRow, 'name' | 'status' | 'default_country' | 'created_at'>;

export async function insertClient(
  unit: ClientUnit,
  client: ClientInsert,
): Promise<ClientRow | 'id_taken'> {
  try {
    return await ClientRow.query(unit.trx)
      .insert({ ...client, client_id: unit.scope.clientId, updated_at: client.created_at })
      .returning('*');
  } catch (error) {
    if (violatedConstraint(error) === 'clients_pkey') return 'id_taken';
    throw error;
  }
}

/**
 * At most `limit + 1` clients by id. Which ones is the scope's to say: row-level security shows a
 * user those with a membership of theirs.
 */
export async function listClients(
  unit: Unit<UserScope | ClientScope | AllClientsScope>,
  filters: ClientFilters,
  afterId: string | undefined,
): Promise<ClientRow[]> {
  const query = ClientRow.query(unit.trx)
    .orderBy('client_id')
    .limit(filters.limit + 1);
  if (filters.status !== undefined) void query.where('status', filters.status);
  if (afterId !== undefined) void query.where('client_id', '>', afterId);
  return query;
}

export async function findClient(unit: ClientUnit): Promise<ClientRow | undefined> {
  return ClientRow.query(unit.trx).findById(unit.scope.clientId);
}

/** As findClient, and nobody else changes it until the transaction ends. */
export async function lockClient(unit: ClientUnit): Promise<ClientRow | undefined> {
  return ClientRow.query(unit.trx).findById(unit.scope.clientId).forUpdate();
}

export type ClientPatch = Partial<Pick<ClientRow, 'name' | 'status' | 'default_country'>>;

export async function updateClient(
  unit: ClientUnit,
  change: ClientPatch & { updated_at: Date },
): Promise<ClientRow> {
  return ClientRow.query(unit.trx)
    .patch(change)
    .where('client_id', unit.scope.clientId)
    .returning('*')
    .first()
    .throwIfNotFound();
}
