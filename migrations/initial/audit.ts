import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE audit_log (
      id uuid PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(),
      client_id text REFERENCES clients (client_id),
      actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'token', 'api_key', 'service', 'operator')),
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
  `);
  // An entry about a role belongs to no client.
  await protectTenantTable(knex, 'audit_log', { alsoWritable: 'client_id IS NULL' });
  await knex.raw(`
    GRANT SELECT, INSERT ON audit_log TO leadctl_app;
    GRANT INSERT ON audit_log TO leadctl_worker;
    CREATE POLICY worker_appends ON audit_log FOR INSERT TO leadctl_worker WITH CHECK (true);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE audit_log');
}
