import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import { usageError } from '../cli/failure.ts';
import { readOrAskSecret } from '../cli/secret.ts';
import { connect } from '../client/gateway.ts';
import { findCredential } from '../config/store.ts';

/** `leadctl password …`: one's own. */
export const definePassword: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'set', {
    summary: 'Choose a password with the link of an invitation or a reset; asks for both',
    options: [
      { flags: '--link-file <file>', help: 'read the link, or its token, from a file' },
      { flags: '--link-stdin', help: 'read the link from standard input' },
      { flags: '--password-stdin', help: 'read the password from standard input' },
      { flags: '--password-file <file>', help: 'read the password from a file' },
    ],
    input: z.object({
      linkFile: z.string().optional(),
      linkStdin: z.boolean().optional(),
      passwordStdin: z.boolean().optional(),
      passwordFile: z.string().optional(),
    }),
    examples: [
      'leadctl password set --url https://leads.example',
      'leadctl password set --link-file link.txt --password-stdin < password.txt',
    ],
    run: async (ctx, input) => {
      if (input.linkStdin === true && input.passwordStdin === true) {
        throw usageError('Only one of link and password can come from standard input');
      }
      const link = await readOrAskSecret(ctx.io, 'link', {
        stdin: input.linkStdin,
        file: input.linkFile,
      });
      const password = await readOrAskSecret(ctx.io, 'password', {
        stdin: input.passwordStdin,
        file: input.passwordFile,
      });
      const { anonymous, settings } = await connect(ctx);
      const body = { token: tokenOf(link), password };
      const user = bodyOf(await anonymous(authContract).call('setPassword', { body }));
      await ctx.note(`The password of ${user.email} at ${settings.url} is set`);
    },
  });
  defineVerb(noun, cli, 'change', {
    summary: 'Change your password; your other sessions end, this login goes on',
    options: [
      { flags: '--current-password-file <file>', help: 'read the current one from a file' },
      { flags: '--current-password-stdin', help: 'read the current one from standard input' },
      { flags: '--new-password-stdin', help: 'read the new one from standard input' },
      { flags: '--new-password-file <file>', help: 'read the new one from a file' },
    ],
    input: z.object({
      currentPasswordFile: z.string().optional(),
      currentPasswordStdin: z.boolean().optional(),
      newPasswordStdin: z.boolean().optional(),
      newPasswordFile: z.string().optional(),
    }),
    examples: [
      'leadctl password change',
      'leadctl password change --current-password-file old.txt --new-password-file new.txt',
    ],
    run: async (ctx, input) => {
      if (input.currentPasswordStdin === true && input.newPasswordStdin === true) {
        throw usageError('Only one of the passwords can come from standard input');
      }
      const current = await readOrAskSecret(ctx.io, 'current password', {
        stdin: input.currentPasswordStdin,
        file: input.currentPasswordFile,
      });
      const wanted = await readOrAskSecret(ctx.io, 'new password', {
        stdin: input.newPasswordStdin,
        file: input.newPasswordFile,
      });
      const gateway = await connect(ctx);
      // The first call renews the login if it must, so that its refresh token is the newest.
      bodyOf(await gateway.of(authContract).call('me', {}));
      const found = await findCredential(ctx.store, gateway.settings.credentialKeys);
      const held = found?.credential;
      const isStored = gateway.settings.token === undefined && held !== undefined;
      const body = {
        current_password: current,
        new_password: wanted,
        ...(isStored ? { refresh_token: held.refresh_token } : {}),
      };
      bodyOf(await gateway.of(authContract).call('changePassword', { body }));
      await ctx.note(`Your password at ${gateway.settings.url} is changed; other sessions ended`);
    },
  });
  defineVerb(noun, cli, 'forgot', {
    summary: 'Have a link mailed to you with which to choose a new password',
    options: [{ flags: '--email <email>', help: 'who you are' }],
    input: z.object({ email: z.email('must be given: your e-mail address') }),
    examples: ['leadctl password forgot --email you@example.com'],
    run: async (ctx, { email }) => {
      const { anonymous } = await connect(ctx);
      const body = { email };
      const { detail } = bodyOf(await anonymous(authContract).call('forgotPassword', { body }));
      await ctx.note(detail);
    },
  });
};

/** A whole link, or the token alone. */
function tokenOf(link: string): string {
  return /[#&]token=([^&\s]+)/.exec(link)?.[1] ?? link.trim();
}
