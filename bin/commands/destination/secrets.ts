import type { DestinationKind } from '../../../daemons/integration/contract.ts';
import type { CommandContext } from '../../cli/context.ts';
import { usageError } from '../../cli/failure.ts';
import { readOrAskSecret, readSecret } from '../../cli/secret.ts';

export interface SecretFlags {
  /** `NAME=FILE` each. */
  readonly secretFile: readonly string[];
  readonly secretStdin?: string | undefined;
}

/** The secrets that the command line points to, each by its name. */
export async function readSecrets(
  ctx: CommandContext,
  { secretFile, secretStdin }: SecretFlags,
): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const typed of secretFile) {
    const [, name = '', file = ''] = /^([^=]+)=(.+)$/s.exec(typed) ?? [];
    if (name === '') throw usageError(`--secret-file takes NAME=FILE, not '${typed}'`);
    if (Object.hasOwn(secrets, name)) throw usageError(`The secret ${name} is given twice`);
    secrets[name] = await readSecret(ctx.io, { file }, name);
  }
  if (secretStdin === undefined) return secrets;
  if (Object.hasOwn(secrets, secretStdin)) {
    throw usageError(`The secret ${secretStdin} is given twice`);
  }
  secrets[secretStdin] = await readSecret(ctx.io, { stdin: true }, secretStdin);
  return secrets;
}

/** Asks a person at a terminal for what a new destination of the kind cannot be without. */
export async function askMissing(
  ctx: CommandContext,
  kind: DestinationKind | undefined,
  given: ReadonlySet<string>,
): Promise<Record<string, string>> {
  const asked: Record<string, string> = {};
  if (!ctx.io.stdinIsTty || !ctx.io.stderrIsTty) return asked;
  for (const { name, title, required, made_when_missing: isMade } of kind?.secrets ?? []) {
    if (!required || isMade || given.has(name)) continue;
    await ctx.note(title);
    asked[name] = await readOrAskSecret(ctx.io, name, {});
  }
  return asked;
}
