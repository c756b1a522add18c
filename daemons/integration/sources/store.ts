import { Model } from 'objection';
import { newId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';

export class MetaSourceRow extends Model {
  static override readonly tableName = 'meta_sources';

  declare id: string;
  declare client_id: string;
  declare page_id: string;
  declare form_id: string | null;
  declare reconciled_until: Date | null;
  declare created_at: Date;
}

export interface SourceKey {
  readonly pageId: string;
  readonly formId: string | null;
}

function sourcesOf(unit: ClientUnit) {
  return MetaSourceRow.query(unit.trx).where('client_id', unit.scope.clientId);
}

/** At most `limit + 1`, in the order in which they were made. */
export async function listSources(
  unit: ClientUnit,
  limit: number,
  afterId: string | undefined,
): Promise<MetaSourceRow[]> {
  const query = sourcesOf(unit)
    .orderBy('id')
    .limit(limit + 1);
  if (afterId !== undefined) void query.where('id', '>', afterId);
  return query;
}

export async function findSource(
  unit: ClientUnit,
  { pageId, formId }: SourceKey,
): Promise<MetaSourceRow | undefined> {
  const query = sourcesOf(unit).where('page_id', pageId);
  return formId === null
    ? query.whereNull('form_id').first()
    : query.where('form_id', formId).first();
}

/** The new mapping, the client's own that is there already, or `taken` when another client has it. */
export async function addSource(
  unit: ClientUnit,
  { pageId, formId }: SourceKey,
  at: Date,
): Promise<{ readonly row: MetaSourceRow; readonly isNew: boolean } | 'taken'> {
  // Another client's row is not visible here, and stands in the way all the same.
  const made = await unit.run(
    `INSERT INTO meta_sources (id, client_id, page_id, form_id, created_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (page_id, form_id) DO NOTHING RETURNING id`,
    [newId(), unit.scope.clientId, pageId, formId, at],
  );
  const row = await findSource(unit, { pageId, formId });
  return row === undefined ? 'taken' : { row, isNew: made > 0 };
}

export async function removeSource(unit: ClientUnit, id: string): Promise<void> {
  await sourcesOf(unit).where('id', id).delete();
}

export async function findSourceById(
  unit: ClientUnit,
  id: string,
): Promise<MetaSourceRow | undefined> {
  return sourcesOf(unit).findById(id);
}

/** The pages from which the client's leads come. */
export async function pageIds(unit: ClientUnit): Promise<string[]> {
  const rows = await sourcesOf(unit).distinct('page_id').orderBy('page_id');
  return rows.map((row) => row.page_id);
}
