import type { Knex } from 'knex';
import { SEE_EVERY_CLIENT, SEE_ONE_CLIENT, type DbRole } from './logins.ts';

/** Tables that hold rows of clients; the names come from migrations, never from input. */
export interface TenantVisibility {
  /** A further condition under which these logins may read rows. */
  readonly alsoVisible?: { readonly to: readonly DbRole[]; readonly where: string };
  /** A further condition under which rows may be written. */
  readonly alsoWritable?: string;
}

/**
 * Forced row-level security on a table with `client_id`: a query sees the rows of the transaction's
 * client, or none when it forgot to name one. The setting is read in a sub-select, so that it is
 * evaluated once a query and not once a row. Which logins may use the table at all, and in what way,
 * is what `rights.ts` grants.
 */
export async function protectTenantTable(
  knex: Knex,
  table: string,
  { alsoVisible, alsoWritable }: TenantVisibility = {},
): Promise<void> {
  const own = 'client_id = (SELECT current_client())';
  const writable = alsoWritable === undefined ? own : `${own} OR ${alsoWritable}`;
  const oneClient = SEE_ONE_CLIENT.join(', ');
  await knex.raw(`
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY own_reads ON ${table} FOR SELECT TO ${oneClient} USING (${own});
    CREATE POLICY own_inserts ON ${table} FOR INSERT TO ${oneClient} WITH CHECK (${writable});
    CREATE POLICY own_updates ON ${table} FOR UPDATE TO ${oneClient}
      USING (${own}) WITH CHECK (${writable});
    CREATE POLICY own_deletes ON ${table} FOR DELETE TO ${oneClient} USING (${own});
    CREATE POLICY every_client ON ${table} TO ${SEE_EVERY_CLIENT.join(', ')}
      USING (true) WITH CHECK (true);
  `);
  if (alsoVisible === undefined) return;
  await knex.raw(`
    CREATE POLICY also_visible ON ${table} FOR SELECT TO ${alsoVisible.to.join(', ')}
      USING (${alsoVisible.where})`);
}
