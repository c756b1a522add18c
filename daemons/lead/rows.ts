import { Model, raw } from 'objection';

/** Apart from store.ts, which is built on another reader of it: the list of a scope (scoped-list.ts). */
export class LeadRow extends Model {
  static override readonly tableName = 'leads';
  static override readonly jsonAttributes = ['warnings'];

  declare id: string;
  declare client_id: string;
  declare name: string | null;
  declare email: string | null;
  declare phone: string | null;
  declare phone_valid: boolean | null;
  declare source: string;
  declare lead_reference_id: string | null;
  declare product_id: string | null;
  /** JSON text; for `readPayload`. */
  declare consent: string | null;
  declare status: 'new' | 'contacted' | 'qualified' | 'won' | 'lost' | 'spam';
  declare assigned_to_user_client_id: string | null;
  declare api_key_id: string | null;
  declare warnings: string[] | null;
  /** JSON text; for `readPayload`. */
  declare raw_payload: string;
  declare created_at: Date;
  declare updated_at: Date;
  declare erased_at: Date | null;
  /** A digest: daemons/lead/reference-digest.ts. */
  declare erased_reference: Buffer | null;
}

/** What is read of a lead, however it is read. */
export type StoredLead = Pick<
  LeadRow,
  (typeof OUTLINE_COLUMNS)[number] | 'consent' | 'raw_payload'
>;

/** What an outline is made of; a query for outlines need read no more. */
export const OUTLINE_COLUMNS = [
  'id',
  'client_id',
  'name',
  'email',
  'phone',
  'phone_valid',
  'source',
  'lead_reference_id',
  'product_id',
  'status',
  'assigned_to_user_client_id',
  'api_key_id',
  'warnings',
  'created_at',
  'updated_at',
  'erased_at',
] as const satisfies readonly (keyof LeadRow)[];

/**
 * Columns of `leads` for a row as `LeadRow` declares it. What forms sent is read as the text that it
 * is: the driver's own JSON parser would round its numbers.
 */
export function outlineColumns() {
  return [...OUTLINE_COLUMNS.map((name) => `leads.${name}`), raw('leads.consent::text AS consent')];
}

export function leadColumns() {
  return [...outlineColumns(), raw('leads.raw_payload::text AS raw_payload')];
}
