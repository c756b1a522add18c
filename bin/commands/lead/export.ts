import * as z from 'zod';
import type { Lead } from '../../../daemons/lead/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { listAll } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import { fileFormats } from '../../import/rows.ts';
import { write } from '../../io.ts';
import type { Column } from '../../ui/columns.ts';
import { csvHeader, csvLine } from '../../ui/csv.ts';
import { createProgress } from '../../ui/progress.ts';
import { askLeads, filterInput, filterOptions } from './read.ts';
import { maskLead } from './view.ts';

const columns: readonly Column<Lead>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'UPDATED AT', value: (row) => new Date(row.updated_at) },
  { header: 'NAME', value: (row) => row.name },
  { header: 'EMAIL', value: (row) => row.email },
  { header: 'PHONE', value: (row) => row.phone },
  { header: 'SOURCE', value: (row) => row.source },
  { header: 'STATUS', value: (row) => row.status },
  { header: 'LEAD REFERENCE ID', value: (row) => row.lead_reference_id },
  { header: 'PRODUCT ID', value: (row) => row.product_id },
  { header: 'ASSIGNED TO USER CLIENT ID', value: (row) => row.assigned_to_user_client_id },
];

/** What the form asked beside what every lead has, as it was sent: JSON in one cell. */
const customFields: Column<Lead> = {
  header: 'CUSTOM FIELDS',
  value: ({ raw_payload: sent }) => {
    const custom = Object.entries(fieldsIn(sent)).filter(([name]) => !isUsual(name));
    return custom.length === 0 ? null : JSON.stringify(Object.fromEntries(custom));
  },
};

/** One of them in a column of its own. */
function fieldColumn(name: string): Column<Lead> {
  return {
    header: name,
    value: ({ raw_payload: sent }) => {
      const value = fieldsIn(sent)[name];
      if (value === null || value === undefined) return null;
      return typeof value === 'string' ? value : JSON.stringify(value);
    },
  };
}

function fieldsIn(sent: unknown): Readonly<Record<string, unknown>> {
  return typeof sent === 'object' && sent !== null ? { ...sent } : {};
}

const USUAL = new Set([
  'name',
  'email',
  'phone',
  'source',
  'lead_reference_id',
  'product_id',
  'consent',
]);

/** Has a column, or steers the form. */
function isUsual(name: string): boolean {
  return name.startsWith('_') || USUAL.has(name);
}

const input = z.object({
  field: z.array(z.string().min(1)).default([]),
  ...filterInput(() => new Date()),
  format: z.enum(fileFormats).optional(),
});

/** `leadctl lead export`: as many as there are, written as they come. */
export const defineLeadExport: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'export', {
    summary: 'Write leads as CSV or JSON Lines, as many as there are',
    options: [
      { flags: '--format <format>', help: 'csv (usual) or jsonl', choices: fileFormats },
      {
        flags: '--field <name>',
        help: 'a field of the form as a column of its own, in CSV; may be repeated',
        repeat: true,
      },
      ...filterOptions,
    ],
    input,
    examples: [
      'leadctl lead export --client acme --reveal > leads.csv',
      'leadctl lead export --client acme --field city --field budget --reveal > leads.csv',
      'leadctl lead export --format jsonl --since 7d | jq -r .source | sort | uniq -c',
    ],
    run: exportLeads,
  });
};

async function exportLeads(ctx: CommandContext, given: z.output<typeof input>): Promise<void> {
  const format = given.format ?? (ctx.flags.output === 'json' ? 'jsonl' : 'csv');
  const gateway = await connectToClient(ctx);
  const progress = createProgress(ctx.io, ctx.flags.quiet, () => ctx.now().getTime());
  let count = 0;
  // Not before the first answer: whoever is refused gets an error alone, and no file that looks like leads.
  const all = [
    ...columns,
    ...(given.field.length > 0 ? given.field.map(fieldColumn) : [customFields]),
  ];
  const begin = async (): Promise<void> => {
    if (format === 'csv') await write(ctx.io.stdout, `${csvHeader(all)}\n`);
  };
  try {
    for await (const found of listAll(await askLeads(gateway, given))) {
      if (count === 0) await begin();
      const lead = ctx.flags.reveal ? found : maskLead(found);
      if (format === 'csv') await write(ctx.io.stdout, `${csvLine(all, lead)}\n`);
      else await ctx.jsonLine(lead);
      count += 1;
      if (!ctx.io.stdoutIsTty) progress.update(`${count} leads`);
    }
    if (count === 0) await begin();
  } finally {
    progress.clear();
  }
  await ctx.note(
    `${count} leads${ctx.flags.reveal ? '' : ', personal data masked; --reveal shows it'}`,
  );
}
