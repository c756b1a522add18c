import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE audit_log (
      id uuid PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(),
      client_id text REFERENCES clients (client_id),
      actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'token', 'api_key', 'service', 'operator', 'anonymous')),
      actor_id text,
      action text NOT NULL,
      target_kind text NOT NULL,
      target_id text NOT NULL,
      request_id text,
      ip text,
      detail jsonb NOT NULL DEFAULT '{}'
    );
    CREATE INDEX audit_log_client ON audit_log (client_id, id);
    CREATE INDEX audit_log_target ON audit_log (target_kind, target_id, id);
    CREATE INDEX audit_log_actor ON audit_log (actor_id, id);
    CREATE INDEX audit_log_action ON audit_log (action, id);
    -- What strangers tried is forgotten after a while; what was changed is not.
    CREATE INDEX audit_log_strangers ON audit_log (at) WHERE actor_kind = 'anonymous';
  `);
  // An entry about a role belongs to no client.
  await protectTenantTable(knex, 'audit_log', { alsoWritable: 'client_id IS NULL' });
  await knex.raw(`
    -- What is written down of strangers says nothing of anybody else, and alone is ever forgotten.
    CREATE POLICY strangers_only ON audit_log AS RESTRICTIVE FOR INSERT TO leadctl_gateway, leadctl_ingest
      WITH CHECK (actor_kind = 'anonymous');
    CREATE POLICY strangers_forgotten ON audit_log AS RESTRICTIVE FOR DELETE TO leadctl_worker
      USING (actor_kind = 'anonymous');
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE audit_log');
}
