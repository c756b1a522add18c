import type { Knex } from 'knex';
import { ALL_LOGINS, type DbRole } from '../../lib/db/logins.ts';

/** By table, what GRANT says: whole privileges, or those of some columns. */
type Rights = Readonly<Record<string, string>>;

const WRITE_AND_FORGET = 'SELECT, INSERT, UPDATE, DELETE';
/** Enough for a row lock, which PostgreSQL gives only to those who may change something. */
const LOCK = 'UPDATE (updated_at)';
/** An account as others than auth see it: whether it has a password, never the hash. */
const ACCOUNT = `SELECT (id, email, is_admin, status, has_password, email_proven, has_totp,
  invited_by_client, created_at, updated_at)`;
const CLIENT_STATE = 'SELECT (client_id, status, default_country)';

/** Ending what an account has, and vouching for it. */
const ACCOUNTS_OF_OTHERS: Rights = {
  users: `${ACCOUNT}, SELECT (phone),
    UPDATE (status, email_proven, has_totp, invited_by_client, phone, updated_at)`,
  totp_secrets: 'SELECT (user_id), DELETE',
  sessions: 'SELECT (id, user_id, ended_at), UPDATE (ended_at)',
  password_links: WRITE_AND_FORGET,
};

/** What a decision about somebody's rights in a client is made from. */
const GRANTS: Rights = {
  roles: 'SELECT',
  permissions: 'SELECT',
  role_permissions: 'SELECT',
};

/**
 * All that each login may do, and nothing else. A login sees one client's rows of the tables with
 * client_id, unless `lib/db/logins.ts` lists it among those that see every client's.
 */
export const RIGHTS: Readonly<Record<DbRole, Rights>> = {
  leadctl_gateway: {
    limit_counts: WRITE_AND_FORGET,
    users: 'SELECT (id, email, is_admin, status, has_totp)',
    sessions: 'SELECT (id, user_id, expires_at, ended_at)',
    machine_tokens: 'SELECT, UPDATE (last_used_at)',
    clients: 'SELECT',
    roles: 'SELECT',
    permissions: 'SELECT',
    role_permissions: 'SELECT',
    user_clients: 'SELECT',
    audit_log: 'INSERT',
  },
  leadctl_auth: {
    limit_counts: WRITE_AND_FORGET,
    users: 'SELECT, INSERT, UPDATE',
    sessions: 'SELECT, INSERT, UPDATE',
    refresh_tokens: WRITE_AND_FORGET,
    password_links: WRITE_AND_FORGET,
    totp_secrets: WRITE_AND_FORGET,
    totp_recovery_codes: WRITE_AND_FORGET,
    permissions: 'SELECT',
    role_permissions: 'SELECT',
    clients: 'SELECT (client_id, status)',
    roles: 'SELECT',
    user_clients: 'SELECT',
    audit_log: 'INSERT',
  },
  leadctl_client: {
    clients: 'SELECT, INSERT, UPDATE',
    user_clients: 'SELECT (client_id, user_id)',
    audit_log: 'SELECT, INSERT',
  },
  leadctl_client_platform: {
    clients: 'SELECT',
    audit_log: 'SELECT, INSERT',
    manifest_entries: WRITE_AND_FORGET,
  },
  leadctl_user: {
    ...ACCOUNTS_OF_OTHERS,
    limit_counts: WRITE_AND_FORGET,
    // A first password is written, and that of an account nobody has proven is taken away; none is read.
    users: `${ACCOUNTS_OF_OTHERS['users']}, INSERT, UPDATE (is_admin, password_hash)`,
    roles: `SELECT, ${LOCK}`,
    permissions: 'SELECT',
    role_permissions: 'SELECT',
    clients: CLIENT_STATE,
    user_clients: WRITE_AND_FORGET,
    user_client_hierarchy: WRITE_AND_FORGET,
    // A leaver's leads pass to the manager, in the transaction that removes the leaver.
    leads:
      'SELECT (id, client_id, assigned_to_user_client_id), UPDATE (assigned_to_user_client_id, updated_at)',
    events: 'INSERT',
    audit_log: 'INSERT',
  },
  // A user is acted on by whoever could give them all that they have, in every client.
  leadctl_user_platform: {
    ...ACCOUNTS_OF_OTHERS,
    clients: CLIENT_STATE,
    ...GRANTS,
    user_clients: 'SELECT',
    audit_log: 'INSERT',
  },
  leadctl_permission: {
    users: ACCOUNT,
    clients: CLIENT_STATE,
    roles: WRITE_AND_FORGET,
    permissions: 'SELECT, INSERT, UPDATE',
    role_permissions: 'SELECT, INSERT, DELETE',
    user_clients: 'SELECT',
    user_client_hierarchy: 'SELECT',
    machine_tokens: 'SELECT, INSERT, UPDATE (role_id, revoked_at)',
    audit_log: 'INSERT',
  },
  // A role concerns every client in which it is held; an administrator's token belongs to none.
  leadctl_permission_platform: {
    clients: CLIENT_STATE,
    roles: WRITE_AND_FORGET,
    permissions: 'SELECT, INSERT, UPDATE',
    role_permissions: 'SELECT, INSERT, DELETE',
    user_clients: 'SELECT',
    machine_tokens: 'SELECT, INSERT, UPDATE (role_id, revoked_at)',
    audit_log: 'INSERT',
  },
  leadctl_hierarchy: {
    ...GRANTS,
    users: ACCOUNT,
    clients: CLIENT_STATE,
    user_clients: 'SELECT',
    user_client_hierarchy: 'SELECT',
  },
  leadctl_hierarchy_platform: {
    user_clients: 'SELECT (id, client_id, user_id)',
  },
  leadctl_product: {
    clients: CLIENT_STATE,
    industries: WRITE_AND_FORGET,
    product_categories: WRITE_AND_FORGET,
    products: WRITE_AND_FORGET,
    client_products: WRITE_AND_FORGET,
    audit_log: 'INSERT',
  },
  leadctl_lead: {
    clients: CLIENT_STATE,
    ...GRANTS,
    // A lead's history names who did what; who makes a key is asked for their rights.
    users: 'SELECT (id, email, is_admin, status, has_totp)',
    user_clients: 'SELECT',
    user_client_hierarchy: 'SELECT',
    client_products: 'SELECT',
    client_api_keys: 'SELECT, INSERT, UPDATE',
    leads: 'SELECT, INSERT, UPDATE',
    idempotency_keys: 'SELECT',
    events: 'SELECT, INSERT, UPDATE (data)',
    refusals: 'SELECT',
    audit_log: 'INSERT',
    // Erasing a lead takes what was sent and answered about the person, wherever it was kept.
    suppressions: 'SELECT',
    deliveries: `SELECT (id, client_id, lead_id, kind, provider_reference),
      UPDATE (last_error_message, provider_reference)`,
    delivery_attempts: 'SELECT (client_id, delivery_id), UPDATE (request, message)',
    webhook_events: `SELECT (client_id, lead_id, leadgen_id, post_id, dedupe_key, sender, status),
      UPDATE (dedupe_key, value, last_error_message)`,
    webhook_posts: 'SELECT (id), UPDATE (body)',
  },
  // Writes for whichever client the key belongs to and reads no lead: of what it wrote it may learn
  // the id alone, which tells an insert from a duplicate.
  leadctl_ingest: {
    limit_counts: WRITE_AND_FORGET,
    clients: CLIENT_STATE,
    client_products: 'SELECT (client_id, product_id, enabled)',
    client_api_keys: `SELECT (id, client_id, key_hash, scopes, allowed_origins, rate_limit_per_minute,
      expires_at, revoked_at), UPDATE (last_used_at)`,
    leads: 'SELECT (id, client_id), INSERT',
    idempotency_keys: 'SELECT (lead_id), INSERT',
    events: 'INSERT',
    // What it did not take is counted for the client, and told to whoever watches over all.
    refusals: 'SELECT, INSERT, UPDATE (count, last_at)',
    audit_log: 'INSERT',
  },
  leadctl_integration: {
    clients: `${CLIENT_STATE}, ${LOCK}`,
    user_clients: 'SELECT',
    user_client_hierarchy: 'SELECT',
    leads:
      'SELECT (id, client_id, assigned_to_user_client_id, product_id, source, status, erased_at, created_at, raw_payload, name, email, phone, lead_reference_id)',
    // A lead whose own turn is still to come is not backfilled.
    events: 'SELECT (client_id, lead_id, kind, xid, id), INSERT',
    event_cursors: 'SELECT (consumer, xid, id)',
    products: 'SELECT (id, name)',
    client_integrations: 'SELECT, INSERT, UPDATE',
    destinations: 'SELECT, INSERT, UPDATE',
    destination_versions: 'SELECT, INSERT',
    meta_sources: 'SELECT, INSERT, DELETE',
    lanes: 'SELECT, INSERT, UPDATE',
    deliveries: 'SELECT, INSERT, UPDATE',
    delivery_attempts: 'SELECT',
    suppressions: 'SELECT, INSERT, UPDATE (lifted_at, lifted_by, lifted_actor)',
    audit_log: 'INSERT',
  },
  leadctl_webhook: {
    clients: CLIENT_STATE,
    client_integrations: 'SELECT',
    meta_sources: 'SELECT, UPDATE (reconciled_until)',
    webhook_posts: 'INSERT',
    webhook_events: 'SELECT, INSERT, UPDATE',
    meta_holds: WRITE_AND_FORGET,
    leads: 'SELECT (id, client_id, source, lead_reference_id, erased_at, erased_reference), INSERT',
    events: 'INSERT',
    destinations: 'SELECT (id, client_id, name, enabled, occasions, filter)',
    deliveries: `SELECT (client_id, lead_id, destination_id, occasion, status, is_trial, lane_key)`,
    lanes: 'SELECT (client_id, lane_key, held_at)',
    audit_log: 'INSERT',
  },
  // Whose an event is shows its page and form; until then it is nobody's.
  leadctl_webhook_platform: {
    clients: 'SELECT (client_id, status)',
    client_integrations: 'SELECT (client_id, meta_page_id, meta_form_id)',
    meta_sources: 'SELECT',
    webhook_events: 'SELECT, UPDATE',
  },
  leadctl_worker: {
    clients: 'SELECT',
    sessions: 'SELECT, DELETE',
    refresh_tokens: 'SELECT, DELETE',
    password_links: 'SELECT, DELETE',
    // For rotating the keys that seal.
    totp_secrets: 'SELECT, UPDATE (sealed)',
    industries: 'SELECT',
    product_categories: 'SELECT',
    products: 'SELECT',
    client_api_keys:
      'SELECT (id, client_id, name, key_prefix, expires_at, revoked_at, replaced_at)',
    leads: 'SELECT, INSERT',
    idempotency_keys: 'SELECT, DELETE',
    events: 'SELECT, INSERT, DELETE',
    event_cursors: 'SELECT, INSERT, UPDATE',
    client_integrations: 'SELECT, UPDATE (config)',
    destinations: 'SELECT, UPDATE (enabled, secrets, disabled_code, disabled_message, updated_at)',
    destination_versions: 'SELECT',
    users: 'SELECT (id, email, phone, status)',
    user_clients: 'SELECT',
    meta_sources: 'SELECT, UPDATE (reconciled_until)',
    lanes: 'SELECT, INSERT, UPDATE',
    deliveries: 'SELECT, INSERT, UPDATE',
    delivery_attempts: WRITE_AND_FORGET,
    suppressions: 'SELECT, INSERT, UPDATE (lifted_at, lifted_by, lifted_actor)',
    recipient_messages: WRITE_AND_FORGET,
    webhook_posts: 'SELECT, DELETE',
    webhook_events: WRITE_AND_FORGET,
    meta_holds: WRITE_AND_FORGET,
    refusals: 'SELECT (client_id, minute, key_id, origin, ip, reason), DELETE',
    // What strangers tried alone; a policy sees to that.
    audit_log: 'SELECT (id, at, actor_kind), DELETE',
  },
  // Its process listens and looks at the schema's version, as every other; it has no rows.
  leadctl_sandbox: {},
};

export async function up(knex: Knex): Promise<void> {
  for (const login of ALL_LOGINS) {
    for (const [table, privileges] of Object.entries(RIGHTS[login])) {
      await knex.raw(`GRANT ${privileges} ON ${table} TO ${login}`);
    }
  }
}
