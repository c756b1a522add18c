import * as z from 'zod';
import type { DestinationKind } from '../../../daemons/integration/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { connect } from '../../client/gateway.ts';
import { readKinds } from '../../client/destinations.ts';
import { pickOne } from '../../client/pick.ts';
import { type Field, fieldsIn } from '../../client/schema-fields.ts';
import type { Column } from '../../ui/columns.ts';

const columns: readonly Column<DestinationKind>[] = [
  { header: 'KIND', value: (row) => row.kind, keep: true },
  { header: 'TITLE', value: (row) => row.title },
  {
    header: 'SETTINGS',
    value: (row) => namesOf(row.settings_schema).join(', ') || null,
    wrap: true,
  },
  { header: 'SECRETS', value: (row) => row.secrets.map(({ name }) => name).join(', ') || null },
];

const fieldColumns: readonly Column<Field>[] = [
  { header: 'NAME', value: (row) => row.name, keep: true },
  { header: 'TYPE', value: (row) => row.type },
  { header: 'REQUIRED', value: (row) => row.required },
  { header: 'DESCRIPTION', value: (row) => row.description, wrap: true },
];

/** `leadctl destination kinds`: what the platform can send to, and what each kind wants to know. */
export const defineKinds: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'kinds', {
    summary: 'List the kinds of destination, or the settings and secrets of one',
    args: [{ name: '[kind]', help: 'one of them' }],
    input: z.object({ kind: z.string().optional() }),
    reads: true,
    examples: ['leadctl destination kinds', 'leadctl destination kinds webhook'],
    run: async (ctx, { kind: text }) => {
      const kinds = await readKinds(await connect(ctx));
      if (text === undefined) {
        await ctx.render({ rows: kinds, columns, name: ({ kind }) => kind });
        return;
      }
      const list = 'leadctl destination kinds';
      const named = kinds
        .filter(({ kind }) => kind === text)
        .map((kind) => ({ ...kind, id: text }));
      const { id: _, ...kind } = pickOne(named, { text, what: 'kind of destination', list });
      if (ctx.flags.output === 'json' || ctx.flags.output === 'yaml') {
        await ctx.render({ item: kind, columns, name: () => text });
        return;
      }
      const rows = [...fieldsIn(kind.settings_schema), ...kind.secrets.map(secretField)];
      await ctx.render({ rows, columns: fieldColumns, name: ({ name }) => name });
    },
  });
};

function namesOf(schema: DestinationKind['settings_schema']): string[] {
  return fieldsIn(schema)
    .filter(({ name }) => !name.includes('.'))
    .map(({ name, required }) => `${name.replace(/\[\]$/, '')}${required ? '' : '?'}`);
}

function secretField({
  name,
  title,
  required,
  made_when_missing: isMade,
}: DestinationKind['secrets'][number]): Field {
  return { name, type: 'secret', required: required && !isMade, description: title };
}
