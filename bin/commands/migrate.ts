import * as z from 'zod';
import { databaseSettings, loadConfig, loginSettings } from '../../lib/core/config.ts';
import { withSettingFiles } from '../../lib/core/setting-files.ts';
import type { DefineCommand } from '../cli/command.ts';
import { defineAction } from '../cli/command.ts';
import { migrateDatabase } from '../up/migrate.ts';

export const defineMigrate: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Bring the database that DATABASE_URL names to this version, and with DATABASE_LOGIN_SECRET set the passwords of the daemons’ logins',
    options: [
      {
        flags: '--wait <seconds>',
        help: 'how long to wait for a database that does not answer yet (0)',
      },
    ],
    input: z.object({ wait: z.coerce.number().int().min(0).max(3_600).default(0) }),
    examples: [
      'DATABASE_URL=postgres://owner:…@db/leadctl DATABASE_LOGIN_SECRET=… leadctl migrate',
    ],
    run: async (ctx, { wait }) => {
      const settings = loadConfig(
        withSettingFiles(ctx.io.env),
        databaseSettings.extend(loginSettings.shape),
      );
      const { applied } = await migrateDatabase(settings.DATABASE_URL, {
        loginSecret: settings.DATABASE_LOGIN_SECRET,
        waitMs: wait * 1_000,
        signal: ctx.interruption(),
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
