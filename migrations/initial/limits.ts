import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What processes that share a rate limit have counted together. Not logged: counts of a minute are
    -- not worth a disk's work, and after a crash everybody begins anew. Points are updated in place,
    -- for which pages keep room.
    CREATE UNLOGGED TABLE limit_counts (
      key text PRIMARY KEY,
      points bigint NOT NULL,
      ends_at timestamptz NOT NULL
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
    CREATE INDEX limit_counts_end ON limit_counts (ends_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE limit_counts');
}
