import knexFactory from 'knex';
import { createJobTables } from '../lib/jobs/schema.ts';
import { knexConfig } from '../knexfile.ts';

export interface MigrationReport {
  /** Names of the migrations that this run applied. */
  readonly applied: readonly string[];
}

/** Brings the database at `url` (its owner's) to the newest schema, job tables included. */
export async function migrate(url: string): Promise<MigrationReport> {
  const knex = knexFactory(knexConfig(url));
  try {
    const [, applied] = await knex.migrate.latest();
    await createJobTables(url);
    return { applied };
  } finally {
    await knex.destroy();
  }
}

/** Undoes the newest `steps` migrations, for trying one out; data in dropped tables is gone. */
export async function rollback(url: string, steps: number): Promise<readonly string[]> {
  const knex = knexFactory(knexConfig(url));
  try {
    const undone: string[] = [];
    for (let step = 0; step < steps; step += 1) {
      const [, names] = await knex.migrate.down();
      undone.push(...names);
    }
    return undone;
  } finally {
    await knex.destroy();
  }
}
