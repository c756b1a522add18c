import type { OptionSpec } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { usageError } from '../../cli/failure.ts';
import { readSecret } from '../../cli/secret.ts';

export const keyOptions: readonly OptionSpec[] = [
  { flags: '--key-stdin', help: 'read the API key from standard input' },
  { flags: '--key-file <file>', help: 'read the API key from a file (else LEADCTL_API_KEY)' },
];

/** The API key to send leads with: a flag goes before the environment. */
export async function readApiKey(
  ctx: CommandContext,
  given: { readonly keyStdin?: boolean | undefined; readonly keyFile?: string | undefined },
): Promise<string> {
  const fromEnv = ctx.io.env['LEADCTL_API_KEY'];
  if (given.keyStdin !== true && given.keyFile === undefined) {
    if (fromEnv) return fromEnv;
    throw usageError(
      'Which API key?',
      'name a file with --key-file, pipe it in with --key-stdin, or set LEADCTL_API_KEY; a new one: leadctl key create test -o name > key.txt',
    );
  }
  return await readSecret(ctx.io, { stdin: given.keyStdin, file: given.keyFile }, 'key');
}
