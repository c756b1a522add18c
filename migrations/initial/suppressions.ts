import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A number in the one form that WhatsApp's spellings of it have in common: a Mexican, an Argentine and
    -- a Brazilian mobile number come back from WhatsApp with a digit more, or less, than they have.
    CREATE FUNCTION recipient_key(address text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE
      WHEN address ~ '^\\+521\\d{10}$' THEN '+52' || right(address, 10)
      WHEN address ~ '^\\+549\\d{10}$' THEN '+54' || right(address, 10)
      WHEN address ~ '^\\+55\\d{2}9\\d{8}$' THEN left(address, 5) || right(address, 8)
      ELSE address END;
  `);
  await knex.raw(`
    -- Who is not to be written to. One that was lifted stays, for the timelines of the leads.
    CREATE TABLE suppressions (
      id uuid PRIMARY KEY,
      client_id text NOT NULL REFERENCES clients (client_id),
      channel text NOT NULL CHECK (channel IN ('whatsapp', 'email')),
      -- E.164, or an e-mail address in lower case.
      address text NOT NULL,
      reason text,
      -- The recipient said so, or somebody of the client noted it.
      made_by text NOT NULL CHECK (made_by IN ('recipient', 'operator')),
      -- As of events: who did it, for the timelines.
      actor jsonb DEFAULT NULLIF(current_setting('app.actor', true), '')::jsonb,
      -- When it was said, which webhooks may tell late and out of order.
      said_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      lifted_by text CHECK (lifted_by IN ('recipient', 'operator')),
      lifted_at timestamptz,
      lifted_actor jsonb,
      CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
      UNIQUE (client_id, id)
    );
    CREATE UNIQUE INDEX suppressions_standing ON suppressions (client_id, channel, recipient_key(address))
      WHERE lifted_at IS NULL;
    CREATE INDEX suppressions_history ON suppressions (client_id, channel, recipient_key(address));

    -- The messages that a recipient was sent lately, by delivery. One row a recipient, so that whoever
    -- would send one more waits for whoever does at this moment.
    CREATE TABLE recipient_messages (
      client_id text NOT NULL REFERENCES clients (client_id),
      -- A hash: what it is for needs no address.
      recipient text NOT NULL,
      -- {delivery id: seconds since 1970}
      sent jsonb NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (client_id, recipient)
    ) WITH (fillfactor = 70);
    CREATE INDEX recipient_messages_age ON recipient_messages (updated_at);
  `);
  for (const table of TABLES) await protectTenantTable(knex, table);
}

const TABLES = ['suppressions', 'recipient_messages'];

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE recipient_messages, suppressions');
  await knex.raw('DROP FUNCTION recipient_key(text)');
}
