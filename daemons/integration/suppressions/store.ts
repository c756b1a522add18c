import { Model } from 'objection';
import { newId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { EventActor } from '../../../lib/events/actor.ts';
import type { SuppressionChannel } from './shapes.ts';

export class SuppressionRow extends Model {
  static override readonly tableName = 'suppressions';

  declare id: string;
  declare client_id: string;
  declare channel: SuppressionChannel;
  declare address: string;
  declare reason: string | null;
  declare made_by: 'recipient' | 'operator';
  declare created_at: Date;
}

/** Those that stand; every query of the API starts here. */
function standing(unit: ClientUnit) {
  return SuppressionRow.query(unit.trx)
    .where('client_id', unit.scope.clientId)
    .whereNull('lifted_at');
}

export interface SuppressionKey {
  readonly channel: SuppressionChannel;
  readonly address: string;
}

/** At most `limit + 1`, the newest first. */
export async function listSuppressions(
  unit: ClientUnit,
  which: {
    readonly channel?: SuppressionChannel | undefined;
    readonly address?: string | undefined;
  },
  page: { readonly limit: number; readonly beforeId: string | undefined },
): Promise<SuppressionRow[]> {
  const query = standing(unit)
    .orderBy('id', 'desc')
    .limit(page.limit + 1);
  if (page.beforeId !== undefined) void query.where('id', '<', page.beforeId);
  if (which.channel !== undefined) void query.where('channel', which.channel);
  if (which.address !== undefined) {
    void query.whereRaw('recipient_key(address) = recipient_key(?)', [which.address]);
  }
  return query;
}

export async function findSuppression(
  unit: ClientUnit,
  { channel, address }: SuppressionKey,
): Promise<SuppressionRow | undefined> {
  return standing(unit)
    .where('channel', channel)
    .whereRaw('recipient_key(address) = recipient_key(?)', [address])
    .first();
}

export async function findSuppressionById(
  unit: ClientUnit,
  id: string,
): Promise<SuppressionRow | undefined> {
  return standing(unit).where('id', id).first();
}

/** The new one, or the one that stands already. */
export async function addSuppression(
  unit: ClientUnit,
  { channel, address }: SuppressionKey,
  reason: string | null,
  at: Date,
): Promise<{ readonly row: SuppressionRow; readonly isNew: boolean }> {
  const made = await unit.run(
    `INSERT INTO suppressions (id, client_id, channel, address, reason, made_by, said_at)
     VALUES (?, ?, ?, ?, ?, 'operator', ?)
     ON CONFLICT (client_id, channel, recipient_key(address)) WHERE lifted_at IS NULL DO NOTHING
     RETURNING id`,
    [newId(), unit.scope.clientId, channel, address, reason, at],
  );
  const row = await findSuppression(unit, { channel, address });
  if (row === undefined) throw new Error('a suppression that was just made is not there');
  return { row, isNew: made > 0 };
}

export async function liftSuppression(
  unit: ClientUnit,
  id: string,
  actor: EventActor,
  at: Date,
): Promise<void> {
  await unit.run(
    `UPDATE suppressions SET lifted_at = ?, lifted_by = 'operator', lifted_actor = CAST(? AS jsonb)
     WHERE client_id = ? AND id = ? AND lifted_at IS NULL`,
    [at, JSON.stringify(actor), unit.scope.clientId, id],
  );
}
