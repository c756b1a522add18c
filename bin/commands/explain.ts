import * as z from 'zod';
import { ERRORS } from '../../lib/core/errors.ts';
import type { Route } from '../../lib/contract/route.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError } from '../cli/failure.ts';
import { allOperations, type Operation } from '../client/contracts.ts';
import { templateOf } from '../client/templates.ts';
import { type Field, fieldsOf } from '../client/schema-fields.ts';
import { exitCodes } from '../exit-codes.ts';
import { write } from '../io.ts';
import type { Column } from '../ui/columns.ts';

const columns: readonly Column<Operation>[] = [
  { header: 'METHOD', value: ({ route }) => route.method, keep: true },
  { header: 'PATH', value: ({ route }) => route.path, keep: true },
  { header: 'SERVICE', value: (row) => row.service },
  { header: 'ACCESS', value: ({ route }) => route.access },
  { header: 'WHAT', value: ({ route }) => route.summary, wrap: true },
];

const fieldColumns: readonly Column<Field>[] = [
  { header: 'FIELD', value: (row) => row.name, keep: true },
  { header: 'TYPE', value: (row) => row.type, wrap: true },
  { header: 'MUST', value: (row) => (row.required ? 'yes' : null) },
  { header: 'WHAT', value: (row) => row.description, wrap: true },
];

/** `leadctl explain`: the API from the terminal, as this leadctl knows it; asks no gateway. */
export const defineExplain: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Say what the API has: its operations, or the fields and errors of one',
    args: [
      { name: '[what]', help: 'a service, a word to look for, or a METHOD' },
      { name: '[path]', help: 'with a METHOD: the path, as a template or as it is' },
    ],
    input: z.object({ what: z.string().optional(), path: z.string().optional() }),
    examples: [
      'leadctl explain',
      'leadctl explain lead',
      "leadctl explain POST '/api/clients/{client_id}/members'",
    ],
    run: async (ctx, { what, path }) => {
      const all = await allOperations();
      if (path !== undefined) return await explainOne(ctx, all, what ?? '', path);
      const word = what?.toLowerCase();
      const rows = all.filter(
        ({ service, name, route }) =>
          word === undefined ||
          service === word ||
          [name, route.path, route.summary].some((text) => text.toLowerCase().includes(word)),
      );
      await ctx.render({
        rows,
        columns,
        name: ({ route }) => `${route.method} ${route.path}`,
        plain: plainOf,
        empty: `Nothing is about '${what}'. leadctl explain lists everything.`,
      });
      return rows.length > 0 ? exitCodes.ok : exitCodes.notFound;
    },
  });
};

/** Of an operation what JSON can hold; its schemas have a command line of their own. */
function plainOf({ service, name, route }: Operation) {
  const { method, path, access, summary } = route;
  return { service, name, method, path, access, summary };
}

async function explainOne(
  ctx: CommandContext,
  all: readonly Operation[],
  method: string,
  path: string,
): Promise<void> {
  const found = templateOf(
    all.map((one) => ({ ...one, method: one.route.method, path: one.route.path })),
    method,
    path,
  );
  if (found === undefined) {
    throw new CliError(`No operation is ${method} ${path}`, {
      exitCode: exitCodes.notFound,
      code: 'not_found',
      next: 'leadctl explain lists all of them',
    });
  }
  const { route } = found;
  const parts = partsOf(route);
  const errors = (route.errors ?? []).map((code) => ({ code, ...ERRORS[code] }));
  if (ctx.flags.output !== 'table' && ctx.flags.output !== 'wide') {
    await ctx.document({ ...plainOf(found), ...Object.fromEntries(parts), errors });
    return;
  }
  await write(ctx.io.stdout, `${route.method} ${route.path}\n${route.summary}\n`);
  for (const [title, rows] of parts) {
    await write(ctx.io.stdout, `\n${title.toUpperCase()}\n`);
    await ctx.render({ rows, columns: fieldColumns, name: ({ name }) => name });
  }
  if (errors.length === 0) return;
  const lines = errors.map(({ code, status, title }) => `  ${status} ${code}: ${title}\n`);
  await write(ctx.io.stdout, `\nERRORS\n${lines.join('')}`);
}

function partsOf(route: Route): [string, Field[]][] {
  const answers = Object.entries(route.responses).flatMap(([status, spec]): [string, Field[]][] =>
    spec.kind === 'json' ? [[`answer ${status}`, fieldsOf(spec.schema, 'output')]] : [],
  );
  const body = route.body;
  return [
    ...(route.params ? ([['path', fieldsOf(route.params, 'input')]] as [string, Field[]][]) : []),
    ...(route.query ? ([['query', fieldsOf(route.query, 'input')]] as [string, Field[]][]) : []),
    ...(body && body.kind !== 'raw'
      ? ([['body', fieldsOf(body.schema, 'input')]] as [string, Field[]][])
      : []),
    ...answers,
  ];
}
