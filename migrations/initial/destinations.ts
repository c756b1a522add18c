import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Where a client's leads go. Its kind is code; a new one needs no other column.
    CREATE TABLE destinations (
      id uuid PRIMARY KEY,
      client_id text NOT NULL REFERENCES clients (client_id),
      name text NOT NULL,
      kind text NOT NULL,
      enabled boolean NOT NULL DEFAULT true,
      -- The events of a lead for which it is owed something.
      occasions text[] NOT NULL DEFAULT '{lead.created}',
      filter jsonb NOT NULL DEFAULT '{}',
      settings jsonb NOT NULL DEFAULT '{}',
      -- By name: a sealed token, bound to this destination and its name, with its fingerprint.
      secrets jsonb NOT NULL DEFAULT '{}',
      version integer NOT NULL DEFAULT 1,
      -- Why the platform itself switched it off.
      disabled_code text,
      disabled_message text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      -- One that is gone stays for its deliveries.
      removed_at timestamptz,
      UNIQUE (client_id, id),
      CHECK (removed_at IS NULL OR NOT enabled)
    );
    CREATE UNIQUE INDEX destinations_name ON destinations (client_id, name) WHERE removed_at IS NULL;
    -- Whose number an inbound message came to.
    CREATE INDEX destinations_number ON destinations ((settings ->> 'phone_number_id'))
      WHERE (settings ->> 'phone_number_id') IS NOT NULL;

    -- Every version that deliveries were made under, for replaying with the original settings.
    CREATE TABLE destination_versions (
      client_id text NOT NULL,
      destination_id uuid NOT NULL,
      version integer NOT NULL,
      settings jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (client_id, destination_id, version),
      FOREIGN KEY (client_id, destination_id) REFERENCES destinations (client_id, id)
    );

    -- The simple switchboard: the destinations named whatsapp and google_sheets, and the client's Meta page.
    CREATE TABLE client_integrations (
      client_id text PRIMARY KEY REFERENCES clients (client_id),
      whatsapp_enabled boolean NOT NULL DEFAULT false,
      google_sheets_enabled boolean NOT NULL DEFAULT false,
      google_sheet_id text,
      meta_page_id text,
      meta_form_id text,
      -- What belongs to no destination; the page token inside is sealed, bound to this client.
      config jsonb NOT NULL DEFAULT '{}',
      version integer NOT NULL DEFAULT 1,
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE meta_sources (
      id uuid PRIMARY KEY,
      client_id text NOT NULL REFERENCES clients (client_id),
      page_id text NOT NULL,
      form_id text,
      -- How far the form was compared, in the leads' own time.
      reconciled_until timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (client_id, id),
      UNIQUE NULLS NOT DISTINCT (page_id, form_id)
    );
    CREATE INDEX meta_sources_client ON meta_sources (client_id, id);
  `);
  for (const table of TENANT_TABLES) await protectTenantTable(knex, table);
}

const TENANT_TABLES = [
  'destinations',
  'destination_versions',
  'client_integrations',
  'meta_sources',
];

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'DROP TABLE meta_sources, client_integrations, destination_versions, destinations',
  );
}
