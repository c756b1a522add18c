import * as z from 'zod';
import { authContract, type Tokens } from '../../../daemons/auth/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { cancelled, usageError } from '../../cli/failure.ts';
import { readOrAskSecret } from '../../cli/secret.ts';
import { connect, type Gateway } from '../../client/gateway.ts';
import { toCredential } from '../../client/session.ts';
import { saveCredential } from '../../config/store.ts';
import { askLine } from '../../ui/line-prompt.ts';

/** `leadctl login`: stores the tokens of a person for one gateway. */
export const defineLogin: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Log in to a gateway; the tokens are kept in a file that only you can read',
    options: [
      { flags: '--email <email>', help: 'who you are' },
      { flags: '--password-stdin', help: 'read the password from standard input' },
      { flags: '--password-file <file>', help: 'read the password from a file' },
      { flags: '--totp <code>', help: 'of your authenticator app, or for recovery' },
    ],
    input: z.object({
      email: z.email('must be an e-mail address').optional(),
      passwordStdin: z.boolean().optional(),
      passwordFile: z.string().optional(),
      totp: z.string().min(1).optional(),
    }),
    examples: [
      'leadctl login',
      'leadctl login --email you@example.com',
      'leadctl login --email you@example.com --password-stdin < password.txt',
      'leadctl login --url https://leads.example --email ci@example.com --password-file /run/secrets/pw',
    ],
    run: async (ctx, { email: given, passwordStdin, passwordFile, totp }) => {
      const email = given ?? (await askEmail(ctx));
      const source = { stdin: passwordStdin, file: passwordFile };
      const password = await readOrAskSecret(ctx.io, 'password', source);
      const gateway = await connect(ctx);
      const { settings } = gateway;
      const tokens = await logIn(ctx, gateway, {
        email,
        password,
        ...(totp === undefined ? {} : { totp }),
      });
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

/** Who logs in: asked at a terminal, as `--email` says it anywhere else. */
async function askEmail(ctx: CommandContext): Promise<string> {
  if (!ctx.io.stdinIsTty || !ctx.io.stderrIsTty) {
    throw usageError('--email: must be given: your e-mail address', 'leadctl login --help');
  }
  const { url } = await ctx.settings();
  const typed = await askLine(ctx.io, `E-mail at ${url}:`);
  if (typed === undefined) throw cancelled();
  const parsed = z.email().safeParse(typed.trim());
  if (parsed.success) return parsed.data;
  throw usageError('That is no e-mail address', 'leadctl login --email you@example.com');
}

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly totp?: string;
}

/** Asks a person at a terminal for the authenticator app's code when it turns out to be needed. */
async function logIn(
  ctx: CommandContext,
  { anonymous }: Gateway,
  body: Credentials,
): Promise<Tokens> {
  const answer = await anonymous(authContract).call('login', { body });
  const needsCode =
    !answer.ok && (answer.problem.errors ?? []).some(({ path }) => path === 'body.totp');
  const mayAsk = ctx.io.stdinIsTty && ctx.io.stderrIsTty && body.totp === undefined;
  if (!needsCode || !mayAsk) return bodyOf(answer);
  const totp = await readOrAskSecret(ctx.io, 'code of your authenticator app', {});
  return bodyOf(await anonymous(authContract).call('login', { body: { ...body, totp } }));
}
