import * as z from 'zod';
import { databaseSettings, loadConfig } from '../../lib/core/config.ts';
import type { DefineCommand } from '../cli/command.ts';
import { defineAction } from '../cli/command.ts';
import { migrateDatabase } from '../up/migrate.ts';

export const defineMigrate: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Bring the database that DATABASE_URL names to this version',
    input: z.object({}),
    examples: ['DATABASE_URL=postgres://owner:…@db/leadctl leadctl migrate'],
    run: async (ctx) => {
      const { DATABASE_URL } = loadConfig(ctx.io.env, databaseSettings);
      const { applied } = await migrateDatabase(DATABASE_URL);
      await ctx.render({
        rows: applied.map((name) => ({ name })),
        columns: [{ header: 'APPLIED', value: (row) => row.name }],
        name: (row) => row.name,
        empty: 'Nothing to do; the database is at this version.',
      });
    },
  });
};
