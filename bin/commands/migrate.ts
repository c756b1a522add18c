import * as z from 'zod';
import { databaseSettings, loadConfig, loginSettings } from '../../lib/core/config.ts';
import type { DefineCommand } from '../cli/command.ts';
import { defineAction } from '../cli/command.ts';
import { migrateDatabase } from '../up/migrate.ts';

export const defineMigrate: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Bring the database that DATABASE_URL names to this version, and with DATABASE_LOGIN_SECRET set the passwords of the daemons’ logins',
    input: z.object({}),
    examples: [
      'DATABASE_URL=postgres://owner:…@db/leadctl DATABASE_LOGIN_SECRET=… leadctl migrate',
    ],
    run: async (ctx) => {
      const settings = loadConfig(ctx.io.env, databaseSettings.extend(loginSettings.shape));
      const { applied } = await migrateDatabase(settings.DATABASE_URL, {
        loginSecret: settings.DATABASE_LOGIN_SECRET,
      });
      await ctx.render({
        rows: applied.map((name) => ({ name })),
        columns: [{ header: 'APPLIED', value: (row) => row.name }],
        name: (row) => row.name,
        empty: 'Nothing to do; the database is at this version.',
      });
    },
  });
};
