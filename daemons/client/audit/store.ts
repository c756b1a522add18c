import { Model } from 'objection';
import type { AllClientsScope, ClientScope, Unit } from '../../../lib/db/scope.ts';
import type { AuditEntryView, AuditFilters } from './shapes.ts';

export class AuditRow extends Model {
  static override readonly tableName = 'audit_log';
  static override readonly jsonAttributes = ['detail'];

  declare id: string;
  declare at: Date;
  declare client_id: string | null;
  declare actor_kind: AuditEntryView['actor_kind'];
  declare actor_id: string | null;
  declare action: string;
  declare target_kind: string;
  declare target_id: string;
  declare request_id: string | null;
  declare ip: string | null;
  declare detail: Record<string, unknown>;
}

/** At most `limit + 1` entries, newest first; ids are time-ordered. */
export async function listEntries(
  unit: Unit<ClientScope | AllClientsScope>,
  filters: AuditFilters,
  beforeId: string | undefined,
): Promise<AuditRow[]> {
  const query = AuditRow.query(unit.trx)
    .orderBy('id', 'desc')
    .limit(filters.limit + 1);
  if (unit.scope.kind === 'client') void query.where('client_id', unit.scope.clientId);
  if (beforeId !== undefined) void query.where('id', '<', beforeId);
  for (const column of ['actor_kind', 'actor_id', 'action', 'target_kind', 'target_id'] as const) {
    const wanted = filters[column];
    if (wanted !== undefined) void query.where(column, wanted);
  }
  if (filters.since !== undefined) void query.where('at', '>=', filters.since);
  if (filters.until !== undefined) void query.where('at', '<', filters.until);
  return query;
}
