import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What programs call with instead of a person's password; only the hash is kept.
    CREATE TABLE machine_tokens (
      id uuid PRIMARY KEY,
      name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
      -- An administrator's has neither client nor role.
      client_id text REFERENCES clients (client_id),
      -- A revoked one acts as nothing, and keeps nobody from deleting the role.
      role_id uuid REFERENCES roles (id),
      token_hash bytea NOT NULL UNIQUE,
      token_prefix text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      CHECK (client_id IS NOT NULL OR role_id IS NULL),
      CHECK (client_id IS NULL OR (role_id IS NULL) = (revoked_at IS NOT NULL))
    );
    CREATE UNIQUE INDEX machine_tokens_name ON machine_tokens (client_id, name)
      NULLS NOT DISTINCT WHERE revoked_at IS NULL;
    CREATE INDEX machine_tokens_role ON machine_tokens (role_id);
    CREATE INDEX machine_tokens_client ON machine_tokens (client_id, id);
  `);
  // Of an administrator's token one learns only with every client in view.
  await protectTenantTable(knex, 'machine_tokens');
  await knex.raw(`
    -- That one was used changes nobody's access.
    CREATE TRIGGER announce_access_change
    AFTER INSERT OR DELETE OR UPDATE OF role_id, revoked_at, expires_at ON machine_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION announce_access_change();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE machine_tokens');
}
