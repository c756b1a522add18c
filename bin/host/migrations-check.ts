import { z } from 'zod';
import type { Stoppable } from '../../lib/core/lifecycle.ts';
import type { DbRole } from '../../lib/db/connection.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { globalScope } from '../../lib/db/scope.ts';
import { migrationSource } from '../../migrations/index.ts';

export interface MigrationsCheck extends Stoppable {
  /** Rejects while the database lacks what this version needs. One that is ahead of it will do. */
  check(): Promise<void>;
}

const nameRow = z.object({ name: z.string() });

/** Whether `leadctl migrate` was run with this version; asked until it was, and not again. */
export function createMigrationsCheck(login: {
  readonly url: string;
  readonly role: DbRole;
}): MigrationsCheck {
  const database = createDatabase({
    ...login,
    applicationName: 'leadctl-migrations',
    poolMax: 1,
  });
  const appliedNames = async (): Promise<Set<string>> => {
    const found = await database.inTransaction(globalScope, (unit) =>
      unit.rows(nameRow, 'SELECT name FROM schema_migrations'),
    );
    return new Set(found.map(({ name }) => name));
  };
  const look = async (): Promise<void> => {
    const applied = await appliedNames().catch((cause: unknown) => {
      // Shown to anybody: not where the database is.
      throw new Error('the schema cannot be read', { cause });
    });
    const missing = (await migrationSource.getMigrations([])).filter((name) => !applied.has(name));
    if (missing.length > 0) {
      throw new Error(`the database lacks ${missing.join(', ')}: run "leadctl migrate"`);
    }
    isKnownGood = true;
    await database.stop();
  };
  let isKnownGood = false;
  let looking: Promise<void> | undefined;
  return {
    async check() {
      if (isKnownGood) return;
      // All daemons of a process ask at once; one look answers them.
      looking ??= look().finally(() => (looking = undefined));
      await looking;
    },
    async stop() {
      if (!isKnownGood) await database.stop();
    },
  };
}
