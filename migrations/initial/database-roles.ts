import type { Knex } from 'knex';

/**
 * The roles under which daemons work; none owns a table, none bypasses row-level security.
 * Roles belong to the whole cluster, so they outlive this database's `down`.
 */
const ROLES = ['leadctl_app', 'leadctl_ingest', 'leadctl_worker', 'leadctl_gateway'];

export async function up(knex: Knex): Promise<void> {
  for (const role of ROLES) {
    await knex.raw(`
      DO $$ BEGIN
        CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END $$`);
    await knex.raw(`GRANT ${role} TO CURRENT_USER`);
    await knex.raw(`GRANT USAGE ON SCHEMA public TO ${role}`);
  }
  await knex.raw(`
    CREATE FUNCTION current_client() RETURNS text LANGUAGE sql STABLE
    RETURN NULLIF(current_setting('app.client_id', true), '')`);
  // An admin's work across clients says so; a query that says nothing sees nothing.
  await knex.raw(`
    CREATE FUNCTION all_clients() RETURNS boolean LANGUAGE sql STABLE
    RETURN current_setting('app.all_clients', true) = 'on'`);
  await knex.raw(`
    CREATE FUNCTION current_app_user() RETURNS uuid LANGUAGE sql STABLE
    RETURN NULLIF(current_setting('app.user_id', true), '')::uuid`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION current_app_user()');
  await knex.raw('DROP FUNCTION all_clients()');
  await knex.raw('DROP FUNCTION current_client()');
  for (const role of ROLES) await knex.raw(`DROP OWNED BY ${role}`);
}
