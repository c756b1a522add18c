import * as z from 'zod';
import {
  type DestinationKind,
  integrationContract,
  type ShownDestination,
} from '../../../daemons/integration/contract.ts';
import type { OptionSpec } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { usageError } from '../../cli/failure.ts';
import { findInCatalogue } from '../../client/catalogue.ts';
import type { Gateway } from '../../client/gateway.ts';
import { readChangeFile } from './file.ts';
import { type Filter, parseFilter, toFilter } from './filter.ts';
import { jsonSchemaIn } from '../../client/json-schema.ts';
import { readSecrets } from './secrets.ts';
import { typedSettings } from './settings.ts';

const { createDestination, changeDestination } = integrationContract.routes;
export const changeBody = changeDestination.body.schema;
export type Change = z.input<typeof changeBody>;
const OCCASIONS = createDestination.body.schema.shape.on.unwrap().element.options;

export const changeOptions: readonly OptionSpec[] = [
  {
    flags: '--setting <name=value>',
    help: 'one of its settings, also template.name=… or JSON; may be repeated',
    repeat: true,
  },
  {
    flags: '--secret-file <name=file>',
    help: 'file with one of its secrets; may be repeated',
    repeat: true,
  },
  {
    flags: '--secret-stdin <name>',
    help: 'read this secret from standard input; asked for on a terminal',
  },
  {
    flags: '--on <events>',
    help: `what it is told of, with commas between: ${OCCASIONS.join(',')}`,
  },
  {
    flags: '--filter <key=value>',
    help: 'only leads with source=, product=, status= or field:NAME=; may be repeated; none for all',
    repeat: true,
  },
  { flags: '--file <file>', help: 'JSON or YAML of the API’s fields, - is standard input' },
  { flags: '--check', help: 'check it at once even where people see that, as in a Slack channel' },
];

export const changeInput = {
  setting: z.array(z.string()).default([]),
  secretFile: z.array(z.string()).default([]),
  secretStdin: z.string().optional(),
  on: z
    .string()
    .transform((text) => text.split(',').map((event) => event.trim()))
    .pipe(z.array(z.enum(OCCASIONS, `takes ${OCCASIONS.join(', ')}`)))
    .optional(),
  filter: z.array(z.string()).optional(),
  file: z.string().min(1).optional(),
  check: z.boolean().default(false),
};
const fields = z.object(changeInput);
export type ChangeInput = z.output<typeof fields>;

/** What a file says; nothing where none is named. */
export async function fromFile(
  ctx: CommandContext,
  { file, secretStdin }: ChangeInput,
): Promise<Change> {
  if (file === undefined) return {};
  if (file === '-' && secretStdin !== undefined) {
    throw usageError('Standard input is either the file or the secret', 'name a file for one');
  }
  return await readChangeFile(ctx.io, file);
}

/** What was typed, over what a file says. */
export async function typedOver(
  ctx: CommandContext,
  gateway: Gateway,
  { setting, on, filter, ...secretFlags }: ChangeInput,
  around: {
    readonly file: Change;
    readonly kind: DestinationKind | undefined;
    readonly before: ShownDestination | undefined;
  },
): Promise<Change> {
  const { file, kind, before } = around;
  const schema = jsonSchemaIn(kind?.settings_schema);
  const base = { ...before?.settings, ...file.settings };
  const settings = { ...file.settings, ...typedSettings(setting, { schema, base }) };
  const secrets = { ...file.secrets, ...(await readSecrets(ctx, secretFlags)) };
  return {
    ...file,
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    ...(on === undefined ? {} : { on }),
    ...(filter === undefined ? {} : { filter: await readFilter(gateway, filter) }),
  };
}

/** Products are named by their path, or by id. */
export async function readFilter(gateway: Gateway, typed: readonly string[]): Promise<Filter> {
  const parsed = parseFilter(typed);
  const products: string[] = [];
  for (const text of parsed.products) {
    products.push((await findInCatalogue(gateway, 'product', text)).id);
  }
  return toFilter(parsed, products);
}

/** Checked where nobody sees that; where people do, only who asks for it gets it. */
export function lintQuery({ check }: { readonly check: boolean }) {
  return check ? { lint: 'true' as const } : {};
}
