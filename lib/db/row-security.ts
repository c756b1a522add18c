import type { Knex } from 'knex';

/** Tables that hold rows of clients; the names come from migrations, never from input. */
export interface TenantVisibility {
  /** A further condition under which rows may be read. */
  readonly alsoVisible?: string;
  /** A further condition under which rows may be written. */
  readonly alsoWritable?: string;
}

/**
 * Forced row-level security on a table with `client_id`: under the application's role a query sees
 * the rows of the transaction's client, or none when it forgot to name one. Both settings are read
 * in sub-selects, so that they are evaluated once a query and not once a row.
 */
export async function protectTenantTable(
  knex: Knex,
  table: string,
  visibility: TenantVisibility = {},
): Promise<void> {
  const own = 'client_id = (SELECT current_client()) OR (SELECT all_clients())';
  const visible = visibility.alsoVisible ? `${own} OR ${visibility.alsoVisible}` : own;
  const writable = visibility.alsoWritable ? `${own} OR ${visibility.alsoWritable}` : own;
  await knex.raw(`
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY app_reads ON ${table} FOR SELECT TO leadctl_app USING (${visible});
    CREATE POLICY app_inserts ON ${table} FOR INSERT TO leadctl_app WITH CHECK (${writable});
    CREATE POLICY app_updates ON ${table} FOR UPDATE TO leadctl_app
      USING (${own}) WITH CHECK (${writable});
    CREATE POLICY app_deletes ON ${table} FOR DELETE TO leadctl_app USING (${own});
  `);
}
