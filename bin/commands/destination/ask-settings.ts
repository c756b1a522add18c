import type { DestinationKind } from '../../../daemons/integration/contract.ts';
import type { CommandContext } from '../../cli/context.ts';
import { answered } from '../../cli/guided.ts';
import { shellWord } from '../../cli/shell-word.ts';
import { type JsonSchema, jsonSchemaIn } from '../../client/json-schema.ts';
import type { Change } from './change.ts';

interface Wanted {
  readonly path: string;
  readonly about: string;
}

/**
 * Asks a person at a terminal for the settings that a kind cannot be without and that neither the command
 * line nor a file gives; `NAME=VALUE` each. Nobody is asked off a terminal.
 */
export async function askSettings(
  ctx: CommandContext,
  kind: DestinationKind | undefined,
  of: {
    readonly name: string;
    readonly clientId: string;
    readonly given: readonly string[];
    readonly file: Change;
  },
): Promise<string[]> {
  const { name, clientId, given, file } = of;
  if (!ctx.io.stdinIsTty || !ctx.io.stderrIsTty) return [];
  const isGiven = ({ path }: Wanted): boolean =>
    Object.hasOwn(file.settings ?? {}, path.split('.')[0] ?? '') ||
    given.some((one) => one.startsWith(`${path}=`) || path.startsWith(`${one.split('=')[0]}.`));
  const typed: string[] = [];
  for (const { path, about } of wantedIn(jsonSchemaIn(kind?.settings_schema))) {
    if (isGiven({ path, about })) continue;
    let value = '';
    while (value === '')
      value = await answered(ctx, `${about === '' ? path : `${path}: ${about}`}:`);
    typed.push(`${path}=${value}`);
  }
  if (typed.length > 0 && kind !== undefined) {
    const settings = [...given, ...typed].map((one) => `--setting ${shellWord(one)}`).join(' ');
    await ctx.note(
      `The same in one line: leadctl destination create ${name} --kind ${kind.kind} ${settings} --client ${clientId}`,
    );
  }
  return typed;
}

function wantedIn(schema: JsonSchema | undefined, prefix = ''): Wanted[] {
  return (schema?.required ?? []).flatMap((name): Wanted[] => {
    const field = schema?.properties?.[name];
    if (field?.properties !== undefined) return wantedIn(field, `${prefix}${name}.`);
    const about: unknown = Reflect.get(Object(field), 'description');
    return [{ path: `${prefix}${name}`, about: typeof about === 'string' ? about : '' }];
  });
}
