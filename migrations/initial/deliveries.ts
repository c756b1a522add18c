import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- One destination with the account that it sends by: one writer at a time, held as a whole when its token dies.
    CREATE TABLE lanes (
      lane_key text PRIMARY KEY,
      client_id text NOT NULL REFERENCES clients (client_id),
      destination_id uuid NOT NULL,
      kind text NOT NULL,
      account text NOT NULL,
      lease uuid,
      leased_until timestamptz,
      paused_until timestamptz,
      held_at timestamptz,
      held_code text,
      held_message text,
      -- Where the provider may lift the cause by itself: try again then.
      recheck_at timestamptz,
      UNIQUE (client_id, lane_key),
      FOREIGN KEY (client_id, destination_id) REFERENCES destinations (client_id, id)
    ) WITH (fillfactor = 70);
    CREATE INDEX lanes_destination ON lanes (client_id, destination_id);

    -- Whose number an inbound message came to.
    CREATE INDEX lanes_account ON lanes (account);

    CREATE TABLE deliveries (
      id uuid PRIMARY KEY,
      client_id text NOT NULL,
      lead_id uuid NOT NULL,
      destination_id uuid NOT NULL,
      kind text NOT NULL,
      lane_key text NOT NULL,
      -- Why it is owed: a lead may be owed to one destination more than once.
      occasion text NOT NULL DEFAULT 'created',
      settings_version integer NOT NULL,
      -- Where later settings were put in its place: the version that it was made under.
      original_version integer,
      status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'delivering', 'delivered', 'retrying', 'unknown', 'failed', 'held', 'skipped')),
      attempts integer NOT NULL DEFAULT 0,
      -- Since it was last started by hand or released: back-off and giving up count from there.
      round_attempts integer NOT NULL DEFAULT 0,
      round_started_at timestamptz,
      -- Its call is about to be made, or was: without it a claimed one was not sent.
      is_begun boolean NOT NULL DEFAULT false,
      -- Where an earlier attempt may have gone through: look before sending again.
      is_doubtful boolean NOT NULL DEFAULT false,
      -- Tries its lane though that is held, because a person wants to know.
      is_trial boolean NOT NULL DEFAULT false,
      -- Workers that died with it in hand, in a row.
      losses integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz,
      lease uuid,
      leased_until timestamptz,
      last_error_code text,
      last_error_message text,
      provider_reference text,
      provider_status text,
      -- While it is sent: under what its message counts in recipient_messages.
      recipient text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      delivered_at timestamptz,
      UNIQUE (lead_id, destination_id, occasion),
      UNIQUE (client_id, id),
      CHECK ((lease IS NULL) = (status <> 'delivering')),
      CHECK (status NOT IN ('pending', 'retrying') OR next_attempt_at IS NOT NULL),
      FOREIGN KEY (client_id, lead_id) REFERENCES leads (client_id, id),
      FOREIGN KEY (client_id, lane_key) REFERENCES lanes (client_id, lane_key),
      FOREIGN KEY (client_id, destination_id, settings_version)
        REFERENCES destination_versions (client_id, destination_id, version)
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
    CREATE INDEX deliveries_due ON deliveries (lane_key, next_attempt_at)
      WHERE status IN ('pending', 'retrying');
    CREATE INDEX deliveries_trials ON deliveries (lane_key)
      WHERE is_trial AND status IN ('pending', 'retrying');
    CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE status = 'delivering';
    CREATE INDEX deliveries_open ON deliveries (client_id, status, id)
      WHERE status IN ('unknown', 'failed', 'held', 'skipped');
    CREATE INDEX deliveries_reference ON deliveries (provider_reference)
      WHERE provider_reference IS NOT NULL;

    CREATE TABLE delivery_attempts (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      client_id text NOT NULL,
      delivery_id uuid NOT NULL,
      number integer NOT NULL,
      started_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      duration_ms integer,
      -- Null while under way, and for good when the process died in the middle.
      outcome text CHECK (outcome IN ('delivered', 'retry', 'unknown', 'failed', 'held', 'skipped')),
      code text,
      message text,
      -- What was sent, without secrets and with personal data masked.
      request jsonb,
      UNIQUE (delivery_id, number),
      FOREIGN KEY (client_id, delivery_id) REFERENCES deliveries (client_id, id)
    );
    CREATE INDEX delivery_attempts_client ON delivery_attempts (client_id, delivery_id, number);
  `);
  // What waits in a held lane is held; only the lane says so, and nothing has to be kept in step.
  await knex.raw(`
    CREATE FUNCTION shown_status(status text, is_trial boolean, held_at timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE RETURN CASE
      WHEN held_at IS NOT NULL AND NOT is_trial AND status IN ('pending', 'retrying') THEN 'held'
      ELSE status END`);
  for (const table of TENANT_TABLES) await protectTenantTable(knex, table);
}

const TENANT_TABLES = ['lanes', 'deliveries', 'delivery_attempts'];

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION shown_status(text, boolean, timestamptz)');
  await knex.raw('DROP TABLE delivery_attempts, deliveries, lanes');
}
