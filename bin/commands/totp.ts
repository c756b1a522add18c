import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import { readOrAskSecret } from '../cli/secret.ts';
import { connect } from '../client/gateway.ts';
import { write } from '../io.ts';

/** `leadctl totp …`: an authenticator app for one's own logins. */
export const defineTotp: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'enable', {
    summary: 'Set up an authenticator app; from then on your logins need its code',
    input: z.object({}),
    examples: ['leadctl totp enable'],
    run: async (ctx) => {
      const auth = (await connect(ctx)).of(authContract);
      const { secret, otpauth_url: url } = bodyOf(await auth.call('beginTotp', {}));
      await write(
        ctx.io.stderr,
        `Add this to your authenticator app, as a link or by its key:\n  ${url}\n  ${secret}\n`,
      );
      const code = await readOrAskSecret(ctx.io, 'code that it shows', {
        stdin: !ctx.io.stdinIsTty,
      });
      const { recovery_codes: codes } = bodyOf(
        await auth.call('confirmTotp', { body: { code: code.trim() } }),
      );
      await ctx.render({
        rows: codes.map((recovery_code) => ({ recovery_code })),
        columns: [{ header: 'RECOVERY CODE', value: (row) => row.recovery_code }],
        name: (row) => row.recovery_code,
      });
      await ctx.note(
        'Each of these stands in for the app once; they are shown only now. Keep them.',
      );
    },
  });
  defineVerb(noun, cli, 'disable', {
    summary: 'Remove your authenticator app, by one of its codes or your password',
    options: [
      {
        flags: '--code <code>',
        help: 'of the app, or for recovery; else the password is asked for',
      },
      { flags: '--password-stdin', help: 'read the password from standard input' },
      { flags: '--password-file <file>', help: 'read the password from a file' },
    ],
    input: z.object({
      code: z.string().optional(),
      passwordStdin: z.boolean().optional(),
      passwordFile: z.string().optional(),
    }),
    examples: ['leadctl totp disable --code 123456', 'leadctl totp disable'],
    run: async (ctx, { code, passwordStdin, passwordFile }) => {
      const source = { stdin: passwordStdin, file: passwordFile };
      const body =
        code === undefined
          ? { password: await readOrAskSecret(ctx.io, 'password', source) }
          : { code };
      bodyOf(await (await connect(ctx)).of(authContract).call('removeTotp', { body }));
      await ctx.note('Your logins need no code any more');
    },
  });
};
