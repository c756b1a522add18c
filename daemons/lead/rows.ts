import { Model } from 'objection';

/** Apart from store.ts, which is built on another reader of it: the list of a scope (scoped-list.ts). */
export class LeadRow extends Model {
  static override readonly tableName = 'leads';
  static override readonly jsonAttributes = ['consent', 'warnings', 'raw_payload'];

  declare id: string;
  declare client_id: string;
  declare name: string | null;
  declare email: string | null;
  declare phone: string | null;
  declare phone_valid: boolean | null;
  declare source: string;
  declare lead_reference_id: string | null;
  declare product_id: string | null;
  declare consent: unknown;
  declare status: 'new' | 'contacted' | 'qualified' | 'won' | 'lost' | 'spam';
  declare assigned_to_user_client_id: string | null;
  declare api_key_id: string | null;
  declare warnings: string[] | null;
  declare raw_payload: unknown;
  declare created_at: Date;
  declare updated_at: Date;
  declare erased_at: Date | null;
  /** A digest: daemons/lead/reference-digest.ts. */
  declare erased_reference: Buffer | null;
}
