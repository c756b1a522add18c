import { fail, type Failure } from '../core/errors.ts';
import type { ClientId } from '../core/ids.ts';
import type { ClientUnit } from './scope.ts';

/** Whether the scope's client is there at all, suspended or not. */
export async function clientExists(unit: ClientUnit): Promise<boolean> {
  const client: unknown = await unit
    .trx('clients')
    .where('client_id', unit.scope.clientId)
    .first('client_id');
  return client !== undefined;
}

/** What a daemon says where the gateway let an admin through to a client that is not there. */
export function noSuchClient(clientId: ClientId): Failure {
  return fail('not_found', `There is no client ${clientId}.`);
}
