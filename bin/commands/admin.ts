import * as z from 'zod';
import { withSettingFiles } from '../../lib/core/setting-files.ts';
import type { DefineCommand } from '../cli/command.ts';
import { defineVerb } from '../cli/command.ts';
import { readSecret } from '../cli/secret.ts';
import { ensureAdmin } from '../up/admin.ts';

const input = z.object({
  email: z.email('must be an e-mail address'),
  passwordStdin: z.boolean().optional(),
  passwordFile: z.string().optional(),
  resetPassword: z.boolean().default(false),
});

export const defineAdmin: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary: 'Make a user an administrator, straight in the database of DATABASE_URL',
    options: [
      { flags: '--email <email>', help: 'who; made when there is no such user' },
      { flags: '--password-stdin', help: 'read the password from standard input' },
      { flags: '--password-file <file>', help: 'read the password from a file' },
      { flags: '--reset-password', help: 'also when the user has a password already' },
    ],
    input,
    examples: [
      'DATABASE_URL=postgres://… leadctl admin create --email boss@acme.example --password-stdin < password',
    ],
    run: async (ctx, { email, passwordStdin, passwordFile, resetPassword }) => {
      const source = { stdin: passwordStdin, file: passwordFile };
      const password = await readSecret(ctx.io, source, 'password');
      const admin = await ensureAdmin(withSettingFiles(ctx.io.env), {
        email,
        password,
        resetPassword,
      });
      await ctx.render({
        item: admin,
        columns: [
          { header: 'EMAIL', value: (row) => row.email },
          { header: 'RESULT', value: (row) => row.kind },
          { header: 'PASSWORD SET', value: (row) => row.isPasswordSet },
          { header: 'ID', value: (row) => row.id, id: true, wide: true },
        ],
        name: (row) => row.id,
      });
    },
  });
};
