import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { readSecret } from '../cli/secret.ts';
import { connect } from '../client/gateway.ts';
import { toCredential } from '../client/session.ts';
import { saveCredential } from '../config/store.ts';

/** `leadctl login`: stores the tokens of a person for one gateway. */
export const defineLogin: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Log in to a gateway; the tokens are kept in a file that only you can read',
    options: [
      { flags: '--email <email>', help: 'who you are' },
      { flags: '--password-stdin', help: 'read the password from standard input' },
      { flags: '--password-file <file>', help: 'read the password from a file' },
    ],
    input: z.object({
      email: z.email('must be given: your e-mail address'),
      passwordStdin: z.boolean().optional(),
      passwordFile: z.string().optional(),
    }),
    examples: [
      'leadctl login --email you@example.com --password-stdin < password.txt',
      'leadctl login --url https://leads.example --email ci@example.com --password-file /run/secrets/pw',
    ],
    run: async (ctx, { email, passwordStdin, passwordFile }) => {
      const password = await readSecret(
        ctx.io,
        { stdin: passwordStdin, file: passwordFile },
        'password',
      );
      const { settings, anonymous } = await connect(ctx);
      const tokens = bodyOf(
        await anonymous(authContract).call('login', { body: { email, password } }),
      );
      await saveCredential(
        ctx.store,
        settings.credentialKey,
        toCredential(tokens, ctx.now(), email),
      );
      await ctx.note(`Logged in to ${settings.url} as ${email}`);
      if (settings.token !== undefined) {
        await ctx.note('LEADCTL_TOKEN is set and goes before this login');
      }
    },
  });
};
