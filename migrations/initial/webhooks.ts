import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The post as it came, committed before it is acknowledged.
    CREATE TABLE webhook_posts (
      id uuid PRIMARY KEY,
      body bytea NOT NULL,
      received_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX webhook_posts_age ON webhook_posts (received_at);

    CREATE TABLE webhook_events (
      id uuid PRIMARY KEY,
      post_id uuid NOT NULL REFERENCES webhook_posts (id) ON DELETE CASCADE,
      client_id text REFERENCES clients (client_id),
      object text NOT NULL,
      field text NOT NULL,
      -- What makes the same event the same however often it is sent.
      dedupe_key text NOT NULL UNIQUE,
      page_id text,
      form_id text,
      leadgen_id text,
      value jsonb NOT NULL,
      -- Who wrote a message, by which erasing somebody finds what they wrote.
      sender text GENERATED ALWAYS AS
        (CASE WHEN leadgen_id IS NULL THEN recipient_key(value ->> 'from') END) STORED,
      status text NOT NULL DEFAULT 'received' CHECK (status IN
        ('received', 'processing', 'unmapped', 'processed', 'retrying', 'held', 'failed', 'ignored')),
      attempts integer NOT NULL DEFAULT 0,
      -- When the first of these attempts was: giving up counts from there.
      round_started_at timestamptz,
      next_attempt_at timestamptz DEFAULT now(),
      lease uuid,
      leased_until timestamptz,
      last_error_code text,
      last_error_message text,
      lead_id uuid,
      -- What has to change before a held event goes on.
      held_by text CHECK (held_by IN ('client', 'page', 'event')),
      received_at timestamptz NOT NULL DEFAULT now(),
      processed_at timestamptz,
      CHECK ((lease IS NULL) = (status <> 'processing')),
      CHECK ((held_by IS NULL) = (status <> 'held'))
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
    -- Leads wait for Meta; statuses must be found however many of them do.
    CREATE INDEX webhook_events_leads_due ON webhook_events (next_attempt_at)
      WHERE status IN ('received', 'retrying') AND leadgen_id IS NOT NULL;
    CREATE INDEX webhook_events_statuses_due ON webhook_events (next_attempt_at)
      WHERE status IN ('received', 'retrying') AND leadgen_id IS NULL;
    CREATE INDEX webhook_events_words_due ON webhook_events (next_attempt_at)
      WHERE status IN ('received', 'retrying') AND leadgen_id IS NULL AND jsonb_exists(value, 'word');
    CREATE INDEX webhook_events_leased ON webhook_events (leased_until) WHERE status = 'processing';
    CREATE INDEX webhook_events_held ON webhook_events (client_id, page_id) WHERE status = 'held';
    CREATE INDEX webhook_events_status ON webhook_events (status, id);
    CREATE INDEX webhook_events_page ON webhook_events (page_id, form_id) WHERE status = 'unmapped';
    CREATE INDEX webhook_events_sender ON webhook_events (sender) WHERE sender IS NOT NULL;
    CREATE INDEX webhook_events_post ON webhook_events (post_id);
    CREATE INDEX webhook_events_client ON webhook_events (client_id, id) WHERE client_id IS NOT NULL;

    -- A page whose leads cannot be read until somebody acts; its events wait without attempts.
    CREATE TABLE meta_holds (
      client_id text NOT NULL REFERENCES clients (client_id),
      page_id text NOT NULL,
      code text NOT NULL,
      message text NOT NULL,
      -- Tells whether the token has been replaced since.
      token_mark text NOT NULL,
      held_at timestamptz NOT NULL,
      recheck_at timestamptz,
      PRIMARY KEY (client_id, page_id)
    );
  `);
  // An event belongs to nobody until its page is mapped.
  await protectTenantTable(knex, 'webhook_events', { alsoWritable: 'client_id IS NULL' });
  await protectTenantTable(knex, 'meta_holds');
  await knex.raw(`
    -- Erasing a lead reaches what was told of the messages to it: that is of no client.
    CREATE POLICY messages_erased ON webhook_events FOR UPDATE TO leadctl_lead
      USING (client_id IS NULL AND leadgen_id IS NULL)
      WITH CHECK (client_id IS NULL AND leadgen_id IS NULL);
    CREATE POLICY messages_found ON webhook_events FOR SELECT TO leadctl_lead
      USING (client_id IS NULL AND leadgen_id IS NULL);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE meta_holds, webhook_events, webhook_posts');
}
