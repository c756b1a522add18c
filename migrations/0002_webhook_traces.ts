import type { Knex } from 'knex';

/** What is done for an event later is part of the trace in which its post came, where that is recorded. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'ALTER TABLE webhook_events ADD COLUMN traceparent text CHECK (length(traceparent) = 55)',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE webhook_events DROP COLUMN traceparent');
}
