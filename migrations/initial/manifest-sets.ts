import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What applying a named set of manifests made, and pruning it may therefore remove. An entry is
    -- written before the thing it names, so nothing here refers to other tables.
    CREATE TABLE manifest_entries (
      id uuid PRIMARY KEY,
      set_name text NOT NULL,
      kind text NOT NULL,
      -- Of what belongs to no client, such as a role: null.
      client_id text,
      identity text NOT NULL,
      claimed_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT manifest_entries_owner UNIQUE NULLS NOT DISTINCT (kind, client_id, identity)
    );
    CREATE INDEX manifest_entries_set ON manifest_entries (set_name, id);
  `);
  await protectTenantTable(knex, 'manifest_entries', { alsoWritable: 'client_id IS NULL' });
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE manifest_entries');
}
