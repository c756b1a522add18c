import type { Knex } from 'knex';
import { ALL_LOGINS } from '../../lib/db/logins.ts';

/**
 * The roles under which daemons work, one and more a service; what each may do is in `rights.ts`.
 * None is a member of another, and they log in once `leadctl migrate` gave them passwords.
 * Roles belong to the whole cluster, so they outlive this database's `down`.
 */
export async function up(knex: Knex): Promise<void> {
  for (const role of ALL_LOGINS) {
    // Looked for first: where somebody else made them, the owner need not be allowed to make roles.
    await knex.raw(`
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
          CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
        END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END $$`);
    // What an operator does straight in the database, its owner does under a daemon's role.
    await knex.raw(`
      DO $$ BEGIN
        GRANT ${role} TO CURRENT_USER;
      EXCEPTION WHEN insufficient_privilege THEN
        IF NOT pg_has_role('${role}', 'MEMBER') THEN RAISE; END IF;
      END $$`);
    await knex.raw(`GRANT USAGE ON SCHEMA public TO ${role}`);
  }
  await knex.raw(`
    CREATE FUNCTION current_client() RETURNS text LANGUAGE sql STABLE
    RETURN NULLIF(current_setting('app.client_id', true), '')`);
  await knex.raw(`
    CREATE FUNCTION current_app_user() RETURNS uuid LANGUAGE sql STABLE
    RETURN NULLIF(current_setting('app.user_id', true), '')::uuid`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION current_app_user()');
  await knex.raw('DROP FUNCTION current_client()');
  for (const role of ALL_LOGINS) await knex.raw(`DROP OWNED BY ${role}`);
}
