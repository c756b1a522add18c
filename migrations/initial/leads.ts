import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE client_api_keys (
      id uuid PRIMARY KEY,
      client_id text NOT NULL REFERENCES clients (client_id),
      name text NOT NULL,
      key_hash bytea NOT NULL UNIQUE,
      key_prefix text NOT NULL,
      scopes jsonb NOT NULL DEFAULT '["leads:ingest"]',
      allowed_origins jsonb NOT NULL DEFAULT '[]',
      rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      -- By a successor of the same name, which this one outlives for the overlap.
      replaced_at timestamptz,
      last_used_at timestamptz,
      UNIQUE (client_id, id)
    );
    -- A name is a key's identity within its client while the key lives.
    CREATE UNIQUE INDEX client_api_keys_name ON client_api_keys (client_id, name)
      WHERE revoked_at IS NULL AND replaced_at IS NULL;

    CREATE TABLE leads (
      id uuid PRIMARY KEY,
      client_id text NOT NULL REFERENCES clients (client_id),
      name text,
      email text,
      phone text,
      phone_valid boolean,
      source text NOT NULL,
      lead_reference_id text,
      product_id uuid,
      consent jsonb,
      status text NOT NULL DEFAULT 'new'
        CHECK (status IN ('new', 'contacted', 'qualified', 'won', 'lost', 'spam')),
      assigned_to_user_client_id uuid,
      api_key_id uuid,
      warnings jsonb,
      raw_payload jsonb NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      erased_at timestamptz,
      -- Of a lead that Meta told of: its reference as a digest, so that erasing it is not undone by
      -- fetching it again.
      erased_reference bytea,
      -- Of the request in which it came, where that is traced: what is done with it later is part of it.
      traceparent text CHECK (length(traceparent) = 55),
      -- Ids are time-ordered: this is the order of every list, newest first read backwards.
      UNIQUE (client_id, id),
      -- A lead keeps what it was about: a product with leads is disabled, not detached.
      FOREIGN KEY (client_id, product_id) REFERENCES client_products (client_id, product_id),
      FOREIGN KEY (client_id, assigned_to_user_client_id) REFERENCES user_clients (client_id, id)
        ON DELETE SET NULL (assigned_to_user_client_id),
      FOREIGN KEY (client_id, api_key_id) REFERENCES client_api_keys (client_id, id)
    );
    CREATE UNIQUE INDEX leads_reference ON leads (client_id, source, lead_reference_id)
      WHERE lead_reference_id IS NOT NULL;
    CREATE INDEX leads_erased_reference ON leads (client_id, erased_reference)
      WHERE erased_reference IS NOT NULL;
    -- Leads of nobody are in it, too: they are the roots' and may be few among many.
    CREATE INDEX leads_assignee ON leads (client_id, assigned_to_user_client_id, id);
    -- Not for new leads, which are most, are written in a hurry, and are found by their order.
    CREATE INDEX leads_status ON leads (client_id, status, id) WHERE status <> 'new';
    CREATE INDEX leads_created ON leads USING brin (created_at);
    CREATE INDEX leads_product ON leads (client_id, product_id) WHERE product_id IS NOT NULL;

    -- Written in the lead's own transaction. The lead may be one that lost to an earlier reference,
    -- so lead_id names no row by force. The key is a digest: callers put e-mail addresses into theirs.
    CREATE TABLE idempotency_keys (
      client_id text NOT NULL REFERENCES clients (client_id),
      key text NOT NULL,
      fingerprint bytea NOT NULL,
      lead_id uuid NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (client_id, key)
    );
    CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

    -- The outbox. Read in (xid, id) order and only below pg_snapshot_xmin(pg_current_snapshot()):
    -- a sequence alone would let a reader pass a slow transaction by.
    CREATE TABLE events (
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      id bigint GENERATED ALWAYS AS IDENTITY,
      client_id text NOT NULL,
      lead_id uuid NOT NULL,
      kind text NOT NULL,
      data jsonb NOT NULL DEFAULT '{}',
      -- Who did it, as {kind, id, name}: what the transaction said. Null where it said nothing, which is
      -- the system's work, or a lead that a form sent: its row names the API key.
      actor jsonb DEFAULT NULLIF(current_setting('app.actor', true), '')::jsonb,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (xid, id)
    ) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
    CREATE INDEX events_client ON events (client_id, xid, id);
    -- By the lead alone: a lead has few events, and each key of an index is written with every lead.
    CREATE INDEX events_lead ON events (lead_id);
    CREATE INDEX events_age ON events USING brin (created_at);

    CREATE TABLE event_cursors (
      consumer text PRIMARY KEY,
      xid xid8 NOT NULL,
      id bigint NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now()
    );
  `);
  for (const table of ['client_api_keys', 'leads', 'idempotency_keys', 'events']) {
    await protectTenantTable(knex, table);
  }
  await knex.raw(`
    CREATE FUNCTION announce_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('leadctl_api_keys', NEW.id::text);
      RETURN NULL;
    END $$;
    CREATE TRIGGER announce_key_change AFTER UPDATE OF revoked_at, expires_at, scopes, allowed_origins,
      rate_limit_per_minute ON client_api_keys
    FOR EACH ROW EXECUTE FUNCTION announce_key_change();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE event_cursors, events, idempotency_keys, leads, client_api_keys;
    DROP FUNCTION announce_key_change();
  `);
}
