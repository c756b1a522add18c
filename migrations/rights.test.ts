import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionOptions } from '../lib/db/connection.ts';
import { ALL_LOGINS, SEE_EVERY_CLIENT, SEE_ONE_CLIENT, type DbRole } from '../lib/db/logins.ts';
import { createTestDatabase, type TestDatabase } from '../lib/testing/database.ts';
import { aClient, aUser, openAsOwner } from '../lib/testing/factories.ts';

let database: TestDatabase;
const logins = new Map<DbRole, Client>();

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = openAsOwner(database);
  await aUser(owner, { password: 'correct horse battery' });
  for (const clientId of ['acme', 'other']) await aClient(owner, { clientId });
  await owner.end();
  for (const role of ALL_LOGINS) {
    const login = new Client(
      connectionOptions({ url: database.url, role, applicationName: 'leadctl-test' }),
    );
    await login.connect();
    logins.set(role, login);
  }
});

afterAll(async () => {
  for (const login of logins.values()) await login.end();
  await database.drop();
});

/** Rows, or what PostgreSQL says against it. */
async function attempt(role: DbRole, ...statements: string[]): Promise<unknown[] | string> {
  const login = logins.get(role);
  if (login === undefined) throw new Error(`${role} is not logged in`);
  await login.query('BEGIN');
  try {
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await login.query(statement));
    return rows;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await login.query('ROLLBACK');
  }
}

describe.each(ALL_LOGINS)('%s', (role) => {
  test('is nobody else, and becomes nobody else', async () => {
    expect(await attempt(role, 'SELECT session_user AS s, current_user AS c')).toEqual([
      { s: role, c: role },
    ]);
    const owner = new URL(database.url).username;
    for (const other of [owner, ...ALL_LOGINS.filter((name) => name !== role)]) {
      const refused = expect.stringContaining(`permission denied to set role "${other}"`);
      expect(await attempt(role, `SET ROLE ${other}`)).toEqual(refused);
    }
    expect(await attempt(role, `SET SESSION AUTHORIZATION ${owner}`)).toMatch('permission denied');
    expect(await attempt(role, 'SET ROLE NONE', 'SELECT current_user AS c')).toEqual([{ c: role }]);
  });

  test('has no power over the cluster and is a member of nothing', async () => {
    const found = await attempt(
      role,
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,
         (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships,
         (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owned
       FROM pg_roles r WHERE rolname = current_user`,
    );
    expect(found).toEqual([
      {
        rolsuper: false,
        rolcreatedb: false,
        rolcreaterole: false,
        rolbypassrls: false,
        rolreplication: false,
        memberships: 0,
        owned: 0,
      },
    ]);
    expect(await attempt(role, 'CREATE TABLE mine (id int)')).toMatch('permission denied');
    expect(await attempt(role, 'ALTER TABLE leads DISABLE ROW LEVEL SECURITY')).toMatch(
      'must be owner',
    );
  });

  test.runIf(role !== 'leadctl_auth')('reads no password', async () => {
    expect(await attempt(role, 'SELECT password_hash FROM users')).toMatch('permission denied');
    expect(await attempt(role, "SELECT u::text FROM users u WHERE email LIKE '%'")).toMatch(
      'permission denied',
    );
  });

  test.runIf(role !== 'leadctl_auth' && role !== 'leadctl_user')(
    'sets no password, and makes nobody an admin',
    async () => {
      expect(await attempt(role, "UPDATE users SET password_hash = 'mine'")).toMatch(
        'permission denied',
      );
      expect(await attempt(role, 'UPDATE users SET is_admin = true')).toMatch('permission denied');
      const insert =
        "INSERT INTO users (id, email, is_admin) VALUES (gen_random_uuid(), 'a@b', true)";
      expect(await attempt(role, insert)).toMatch('permission denied');
    },
  );
});

describe.each(SEE_ONE_CLIENT)('%s', (role) => {
  test('sees one client at a time, whatever it sets', async () => {
    const count = 'SELECT count(client_id)::int AS n FROM clients';
    const denied = expect.stringContaining('permission denied');
    const settings = [
      ['app.all_clients', 'on'],
      ['app.client_id', '%'],
      ['app.client_id', "x' OR true --"],
      ['app.user_id', '00000000-0000-7000-8000-000000000001'],
      ['row_security', 'off'],
      ['session_replication_role', 'replica'],
      ['role', 'none'],
    ] as const;
    for (const [name, value] of settings) {
      const set = `SELECT set_config('${name}', '${value.replaceAll("'", "''")}', true)`;
      const seen = await attempt(role, set, count);
      const refused = expect.stringContaining('row-level security');
      expect([name, seen]).toEqual([name, expect.toBeOneOf([[{ n: 0 }], denied, refused])]);
    }
    const named = await attempt(role, "SELECT set_config('app.client_id', 'acme', true)", count);
    expect(named).toEqual(expect.toBeOneOf([[{ n: 1 }], denied]));
  });
});

/** `table: SELECT, UPDATE (a, b)`, as the catalogue has it and not as it was meant. */
async function rightsOf(role: DbRole): Promise<string[]> {
  const owner = openAsOwner(database);
  const { rows } = await owner.query<{ line: string }>(
    `WITH wanted AS (
       SELECT c.oid, c.relname, p.name AS privilege, p.position
       FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
         'TRIGGER']) WITH ORDINALITY AS p (name, position)
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')),
     had AS (
       SELECT relname, position, privilege ||
         CASE WHEN has_table_privilege($1, oid, privilege) THEN '' ELSE ' (' || (
           SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
           WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped
             AND has_column_privilege($1, oid, attnum, privilege)) || ')' END AS text
       FROM wanted
       WHERE has_table_privilege($1, oid, privilege)
         OR (privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
           AND has_any_column_privilege($1, oid, privilege)))
     SELECT relname || ': ' || string_agg(text, ', ' ORDER BY position) AS line
     FROM had GROUP BY relname ORDER BY relname`,
    [role],
  );
  await owner.end();
  return rows.map(({ line }) => line);
}

test('each login has these rights; a wider one is to be seen in review', async () => {
  const lines: string[] = [];
  for (const role of ALL_LOGINS) {
    const rows = SEE_EVERY_CLIENT.includes(role) ? 'every client' : 'one client';
    lines.push(`${role} (${rows})`, ...(await rightsOf(role)).map((right) => `  ${right}`));
  }
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "leadctl_gateway (every client)
      audit_log: INSERT
      clients: SELECT
      limit_counts: SELECT, INSERT, UPDATE, DELETE
      machine_tokens: SELECT, UPDATE (last_used_at)
      permissions: SELECT
      role_permissions: SELECT
      roles: SELECT
      schema_migrations: SELECT
      sessions: SELECT (id, user_id, expires_at, ended_at)
      user_clients: SELECT
      users: SELECT (id, email, is_admin, status, has_totp)
    leadctl_auth (one client)
      audit_log: INSERT
      clients: SELECT (client_id, status)
      limit_counts: SELECT, INSERT, UPDATE, DELETE
      password_links: SELECT, INSERT, UPDATE, DELETE
      permissions: SELECT
      refresh_tokens: SELECT, INSERT, UPDATE, DELETE
      role_permissions: SELECT
      roles: SELECT
      schema_migrations: SELECT
      sessions: SELECT, INSERT, UPDATE
      totp_recovery_codes: SELECT, INSERT, UPDATE, DELETE
      totp_secrets: SELECT, INSERT, UPDATE, DELETE
      user_clients: SELECT
      users: SELECT, INSERT, UPDATE
    leadctl_client (one client)
      audit_log: SELECT, INSERT
      clients: SELECT, INSERT, UPDATE
      schema_migrations: SELECT
      user_clients: SELECT (user_id, client_id)
    leadctl_client_platform (every client)
      audit_log: SELECT, INSERT
      clients: SELECT
      manifest_entries: SELECT, INSERT, UPDATE, DELETE
      schema_migrations: SELECT
    leadctl_user (one client)
      audit_log: INSERT
      clients: SELECT (client_id, status, default_country)
      events: INSERT
      leads: SELECT (id, client_id, assigned_to_user_client_id), UPDATE (assigned_to_user_client_id, updated_at)
      password_links: SELECT, INSERT, UPDATE, DELETE
      permissions: SELECT
      role_permissions: SELECT
      roles: SELECT, UPDATE (updated_at)
      schema_migrations: SELECT
      sessions: SELECT (id, user_id, ended_at), UPDATE (ended_at)
      totp_secrets: SELECT (user_id), DELETE
      user_client_hierarchy: SELECT, INSERT, UPDATE, DELETE
      user_clients: SELECT, INSERT, UPDATE, DELETE
      users: SELECT (id, email, has_password, is_admin, status, email_proven, has_totp, created_at, updated_at, invited_by_client), INSERT, UPDATE (password_hash, is_admin, status, email_proven, has_totp, updated_at, invited_by_client)
    leadctl_user_platform (every client)
      audit_log: INSERT
      clients: SELECT (client_id, status, default_country)
      password_links: SELECT, INSERT, UPDATE, DELETE
      permissions: SELECT
      role_permissions: SELECT
      roles: SELECT
      schema_migrations: SELECT
      sessions: SELECT (id, user_id, ended_at), UPDATE (ended_at)
      totp_secrets: SELECT (user_id), DELETE
      user_clients: SELECT
      users: SELECT (id, email, has_password, is_admin, status, email_proven, has_totp, created_at, updated_at, invited_by_client), UPDATE (status, email_proven, has_totp, updated_at, invited_by_client)
    leadctl_lead (one client)
      audit_log: INSERT
      client_api_keys: SELECT, INSERT, UPDATE
      client_products: SELECT
      clients: SELECT (client_id, status, default_country)
      deliveries: SELECT (id, client_id, lead_id, integration, provider_reference), UPDATE (last_error_message, provider_reference)
      delivery_attempts: SELECT (client_id, delivery_id), UPDATE (message, request)
      events: SELECT, INSERT, UPDATE (data)
      idempotency_keys: SELECT
      leads: SELECT, INSERT, UPDATE
      permissions: SELECT
      refusals: SELECT
      role_permissions: SELECT
      roles: SELECT
      schema_migrations: SELECT
      suppressions: SELECT
      user_client_hierarchy: SELECT
      user_clients: SELECT
      users: SELECT (id, email, is_admin, status, has_totp)
      webhook_events: SELECT (post_id, client_id, dedupe_key, leadgen_id, lead_id), UPDATE (dedupe_key, value, last_error_message)
      webhook_posts: SELECT (id), UPDATE (body)
    leadctl_ingest (every client)
      audit_log: INSERT
      client_api_keys: SELECT (id, client_id, key_hash, scopes, allowed_origins, rate_limit_per_minute, expires_at, revoked_at), UPDATE (last_used_at)
      client_products: SELECT (client_id, product_id, enabled)
      clients: SELECT (client_id, status, default_country)
      events: INSERT
      idempotency_keys: SELECT (lead_id), INSERT
      leads: SELECT (id, client_id), INSERT
      limit_counts: SELECT, INSERT, UPDATE, DELETE
      refusals: SELECT, INSERT, UPDATE (count, last_at)
      schema_migrations: SELECT
    leadctl_product (one client)
      audit_log: INSERT
      client_products: SELECT, INSERT, UPDATE, DELETE
      clients: SELECT (client_id, status, default_country)
      industries: SELECT, INSERT, UPDATE, DELETE
      product_categories: SELECT, INSERT, UPDATE, DELETE
      products: SELECT, INSERT, UPDATE, DELETE
      schema_migrations: SELECT
    leadctl_integration (one client)
      audit_log: INSERT
      client_integration_versions: SELECT, INSERT
      client_integrations: SELECT, INSERT, UPDATE
      clients: SELECT (client_id, status, default_country), UPDATE (updated_at)
      deliveries: SELECT, UPDATE
      delivery_attempts: SELECT
      events: INSERT
      lanes: SELECT, INSERT, UPDATE
      leads: SELECT (id, client_id, assigned_to_user_client_id)
      meta_sources: SELECT, INSERT, DELETE
      schema_migrations: SELECT
      suppressions: SELECT, INSERT, UPDATE (lifted_by, lifted_at, lifted_actor)
      user_client_hierarchy: SELECT
      user_clients: SELECT
    leadctl_webhook (one client)
      audit_log: INSERT
      client_integrations: SELECT
      clients: SELECT (client_id, status, default_country)
      deliveries: SELECT (client_id, lead_id, integration, lane_key, occasion, status, is_trial)
      events: INSERT
      lanes: SELECT (lane_key, client_id, held_at)
      leads: SELECT (id, client_id, source, lead_reference_id, erased_at, erased_reference), INSERT
      meta_holds: SELECT, INSERT, UPDATE, DELETE
      meta_sources: SELECT, UPDATE (reconciled_until)
      schema_migrations: SELECT
      webhook_events: SELECT, INSERT, UPDATE
      webhook_posts: INSERT
    leadctl_webhook_platform (every client)
      client_integrations: SELECT (client_id, meta_page_id, meta_form_id)
      clients: SELECT (client_id, status)
      meta_sources: SELECT
      schema_migrations: SELECT
      webhook_events: SELECT, UPDATE
    leadctl_permission (one client)
      audit_log: INSERT
      clients: SELECT (client_id, status, default_country)
      machine_tokens: SELECT, INSERT, UPDATE (role_id, revoked_at)
      permissions: SELECT, INSERT, UPDATE
      role_permissions: SELECT, INSERT, DELETE
      roles: SELECT, INSERT, UPDATE, DELETE
      schema_migrations: SELECT
      user_client_hierarchy: SELECT
      user_clients: SELECT
      users: SELECT (id, email, has_password, is_admin, status, email_proven, has_totp, created_at, updated_at, invited_by_client)
    leadctl_permission_platform (every client)
      audit_log: INSERT
      clients: SELECT (client_id, status, default_country)
      machine_tokens: SELECT, INSERT, UPDATE (role_id, revoked_at)
      permissions: SELECT, INSERT, UPDATE
      role_permissions: SELECT, INSERT, DELETE
      roles: SELECT, INSERT, UPDATE, DELETE
      schema_migrations: SELECT
      user_clients: SELECT
    leadctl_hierarchy (one client)
      clients: SELECT (client_id, status, default_country)
      permissions: SELECT
      role_permissions: SELECT
      roles: SELECT
      schema_migrations: SELECT
      user_client_hierarchy: SELECT
      user_clients: SELECT
      users: SELECT (id, email, has_password, is_admin, status, email_proven, has_totp, created_at, updated_at, invited_by_client)
    leadctl_hierarchy_platform (every client)
      schema_migrations: SELECT
      user_clients: SELECT (id, user_id, client_id)
    leadctl_worker (every client)
      agenda_jobs: SELECT, INSERT, UPDATE, DELETE
      audit_log: SELECT (id, at, actor_kind), DELETE
      client_api_keys: SELECT (id, client_id, name, key_prefix, expires_at, revoked_at, replaced_at)
      client_integration_versions: SELECT
      client_integrations: SELECT, UPDATE (config)
      clients: SELECT
      deliveries: SELECT, INSERT, UPDATE
      delivery_attempts: SELECT, INSERT, UPDATE, DELETE
      event_cursors: SELECT, INSERT, UPDATE
      events: SELECT, INSERT, DELETE
      idempotency_keys: SELECT, DELETE
      industries: SELECT
      lanes: SELECT, INSERT, UPDATE
      leads: SELECT, INSERT
      meta_holds: SELECT, INSERT, UPDATE, DELETE
      meta_sources: SELECT, UPDATE (reconciled_until)
      password_links: SELECT, DELETE
      product_categories: SELECT
      products: SELECT
      recipient_messages: SELECT, INSERT, UPDATE, DELETE
      refresh_tokens: SELECT, DELETE
      refusals: SELECT (client_id, minute, key_id, origin, ip, reason), DELETE
      schema_migrations: SELECT
      sessions: SELECT, DELETE
      suppressions: SELECT, INSERT, UPDATE (lifted_by, lifted_at, lifted_actor)
      totp_secrets: SELECT, UPDATE (sealed)
      webhook_events: SELECT, INSERT, UPDATE, DELETE
      webhook_posts: SELECT, DELETE
    leadctl_sandbox (one client)
      schema_migrations: SELECT"
  `);
});
