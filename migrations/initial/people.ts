import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE users (
      id uuid PRIMARY KEY,
      email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) <= 320),
      -- E.164: where messages for whoever works on a lead go.
      phone text CHECK (phone ~ '^\\+[1-9]\\d{6,14}$'),
      password_hash text,
      -- For those who may know whether there is one, and never read it.
      has_password boolean NOT NULL GENERATED ALWAYS AS (password_hash IS NOT NULL) STORED,
      is_admin boolean NOT NULL DEFAULT false,
      status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'invited', 'disabled')),
      -- Its owner redeemed a link that went out by e-mail, or an administrator vouched.
      email_proven boolean NOT NULL DEFAULT false,
      -- A login needs a code of the user's authenticator app as well.
      has_totp boolean NOT NULL DEFAULT false,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    -- A login and all that comes of it. Access tokens name it, so that they end when it does.
    CREATE TABLE sessions (
      id uuid PRIMARY KEY,
      user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      ip text,
      user_agent text CHECK (length(user_agent) <= 300)
    );
    CREATE INDEX sessions_user ON sessions (user_id);
    CREATE INDEX sessions_expiry ON sessions (expires_at);

    -- Each refresh replaces its session's token; a used one is kept, so that its reuse is noticed.
    CREATE TABLE refresh_tokens (
      token_hash bytea PRIMARY KEY,
      session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      used_at timestamptz
    );
    CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
    CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

    -- Disabling a user ends the sessions for good: enabling again does not bring them back.
    CREATE FUNCTION end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE sessions SET ended_at = now() WHERE user_id = NEW.id AND ended_at IS NULL;
      RETURN NULL;
    END $$;
    CREATE TRIGGER end_sessions_of_disabled AFTER UPDATE OF status ON users
    FOR EACH ROW WHEN (NEW.status = 'disabled') EXECUTE FUNCTION end_sessions();

    -- Gateways keep which sessions are live: one that ends is named, so that only it is forgotten.
    CREATE FUNCTION announce_session_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('leadctl_access', 'session ' || NEW.id);
      RETURN NULL;
    END $$;
    CREATE TRIGGER announce_session_end AFTER UPDATE OF ended_at ON sessions
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION announce_session_end();

    -- What an authenticator app shares with us, sealed; in force once users.has_totp says so.
    CREATE TABLE totp_secrets (
      user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
      sealed text NOT NULL,
      -- The 30 seconds whose code was taken last: neither it nor an earlier one is taken again.
      last_step bigint,
      created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE totp_recovery_codes (
      user_id uuid NOT NULL REFERENCES totp_secrets (user_id) ON DELETE CASCADE,
      code_hash bytea NOT NULL,
      PRIMARY KEY (user_id, code_hash)
    );

    CREATE TABLE clients (
      client_id text PRIMARY KEY
        CHECK (client_id ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9]){0,1}$'),
      name text NOT NULL,
      status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'archived')),
      default_country text CHECK (default_country ~ '^[A-Z]{2}$'),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    -- Whose member invited the account: there its unproven e-mail is believed, and nowhere else.
    ALTER TABLE users ADD COLUMN invited_by_client text REFERENCES clients (client_id);

    -- One-time links with which a user sets a password.
    CREATE TABLE password_links (
      token_hash bytea PRIMARY KEY,
      user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      purpose text NOT NULL DEFAULT 'invitation' CHECK (purpose IN ('invitation', 'reset')),
      -- It went to the user's address alone, so whoever redeems it has shown that the address is theirs.
      by_mail boolean NOT NULL DEFAULT false,
      -- Shown to a member of this client: of no use to an account that can do anything outside it.
      within_client text REFERENCES clients (client_id),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      used_at timestamptz
    );
    CREATE INDEX password_links_user ON password_links (user_id);

    CREATE TABLE roles (
      id uuid PRIMARY KEY,
      name text NOT NULL UNIQUE,
      -- A whole number as text; compared and sorted as a number.
      level text NOT NULL CHECK (level ~ '^(0|[1-9][0-9]{0,8})$'),
      description text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    -- What daemons registered; a route that is gone keeps its row, so that its id never means another.
    CREATE TABLE permissions (
      id uuid PRIMARY KEY,
      method text NOT NULL CHECK (method IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
      path text NOT NULL,
      description text NOT NULL,
      service text NOT NULL,
      -- Whether it counts in the client that the path names, or everywhere once it is held in one.
      reach text NOT NULL CHECK (reach IN ('client', 'platform')),
      registered_at timestamptz NOT NULL DEFAULT now(),
      gone_at timestamptz,
      UNIQUE (method, path)
    );

    CREATE TABLE role_permissions (
      role_id uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
      permission_id uuid NOT NULL REFERENCES permissions (id),
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (role_id, permission_id)
    );
    CREATE INDEX role_permissions_permission ON role_permissions (permission_id);

    CREATE TABLE user_clients (
      id uuid PRIMARY KEY,
      user_id uuid NOT NULL REFERENCES users (id),
      client_id text NOT NULL REFERENCES clients (client_id),
      role_id uuid NOT NULL REFERENCES roles (id),
      reports_to_user_client_id uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (client_id, id),
      UNIQUE (user_id, client_id),
      CHECK (reports_to_user_client_id <> id),
      FOREIGN KEY (client_id, reports_to_user_client_id) REFERENCES user_clients (client_id, id)
    );
    CREATE INDEX user_clients_role ON user_clients (role_id);
    CREATE INDEX user_clients_reports_to ON user_clients (client_id, reports_to_user_client_id);

    -- The closure of reports_to, each member its own ancestor at depth 0.
    CREATE TABLE user_client_hierarchy (
      -- The memberships vouch for the client; a third check would cost a large move a fifth more.
      client_id text NOT NULL,
      ancestor_user_client_id uuid NOT NULL,
      descendant_user_client_id uuid NOT NULL,
      depth integer NOT NULL CHECK (depth >= 0),
      PRIMARY KEY (ancestor_user_client_id, descendant_user_client_id),
      CHECK ((depth = 0) = (ancestor_user_client_id = descendant_user_client_id)),
      FOREIGN KEY (client_id, ancestor_user_client_id) REFERENCES user_clients (client_id, id) ON DELETE CASCADE,
      FOREIGN KEY (client_id, descendant_user_client_id) REFERENCES user_clients (client_id, id) ON DELETE CASCADE
    );
    CREATE INDEX user_client_hierarchy_descendant
      ON user_client_hierarchy (client_id, descendant_user_client_id, depth);
    -- Whoever is below, nearest first: the order of the list, and never a look at the table itself.
    CREATE INDEX user_client_hierarchy_ancestor
      ON user_client_hierarchy (client_id, ancestor_user_client_id, depth, descendant_user_client_id);
  `);

  await protectTenantTable(knex, 'clients', {
    alsoVisible: {
      to: ['leadctl_client', 'leadctl_permission'],
      where: `client_id IN
        (SELECT m.client_id FROM user_clients m WHERE m.user_id = (SELECT current_app_user()))`,
    },
  });
  await protectTenantTable(knex, 'user_clients', {
    alsoVisible: {
      to: ['leadctl_auth', 'leadctl_client', 'leadctl_permission', 'leadctl_user'],
      where: 'user_id = (SELECT current_app_user())',
    },
  });
  await protectTenantTable(knex, 'user_client_hierarchy');

  await knex.raw(`
    -- Whoever keeps a copy of the access model hears of each change; the payload says what to forget.
    CREATE FUNCTION announce_access_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('leadctl_access', TG_TABLE_NAME);
      RETURN NULL;
    END $$;
  `);
  for (const table of ACCESS_TABLES) {
    await knex.raw(`
      CREATE TRIGGER announce_access_change AFTER INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION announce_access_change()`);
  }
}

const ACCESS_TABLES = [
  'users',
  'clients',
  'roles',
  'permissions',
  'role_permissions',
  'user_clients',
];

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE user_client_hierarchy, user_clients, role_permissions, permissions, roles,
      password_links, totp_recovery_codes, totp_secrets, refresh_tokens, sessions, users, clients;
    DROP FUNCTION announce_access_change();
    DROP FUNCTION announce_session_end();
    DROP FUNCTION end_sessions();
  `);
}
