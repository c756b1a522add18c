import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What ingestion did not take, counted by the minute. How many rows a client may fill in a minute
    -- is bounded by whoever counts.
    CREATE TABLE refusals (
      client_id text NOT NULL REFERENCES clients (client_id),
      minute timestamptz NOT NULL,
      key_id uuid NOT NULL,
      -- Empty where none was sent.
      origin text NOT NULL,
      -- Empty where it was one of too many to tell apart.
      ip text NOT NULL,
      reason text NOT NULL,
      count integer NOT NULL CHECK (count > 0),
      last_at timestamptz NOT NULL,
      PRIMARY KEY (client_id, minute, key_id, origin, ip, reason),
      FOREIGN KEY (client_id, key_id) REFERENCES client_api_keys (client_id, id)
    );
    CREATE INDEX refusals_age ON refusals (minute);
  `);
  await protectTenantTable(knex, 'refusals');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE refusals');
}
