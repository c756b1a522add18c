import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError, usageError } from '../../cli/failure.ts';
import { fileReason } from '../../cli/file-reason.ts';
import { parseExact } from '../../../lib/core/lossless-json.ts';
import { connect } from '../../client/gateway.ts';
import type { Column } from '../../ui/columns.ts';
import { keyOptions, readApiKey } from './api-key.ts';

interface Accepted {
  readonly id: string;
  readonly client_id: string;
  readonly status: string;
  readonly created_at: string;
  readonly duplicate?: true;
}

const columns: readonly Column<Accepted>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'CLIENT', value: (row) => row.client_id },
  { header: 'STATUS', value: (row) => row.status },
  { header: 'DUPLICATE', value: (row) => row.duplicate ?? false },
  { header: 'CREATED', value: (row) => new Date(row.created_at), wide: true },
];

const field = z.string().transform((given, context): readonly [string, string] => {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  context.addIssue('write it as name=value');
  return z.NEVER;
});

const input = z.object({
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  source: z.string().optional(),
  reference: z.string().optional(),
  field: z.array(field).default([]),
  file: z.string().optional(),
  idempotencyKey: z.string().optional(),
  keyStdin: z.boolean().optional(),
  keyFile: z.string().optional(),
});

/** `leadctl lead ingest`: sends a lead as a website form would, with an API key. */
export const defineLeadIngest: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ingest', {
    summary: 'Send a lead as a form would, with an API key',
    options: [
      { flags: '--name <text>', help: 'of the person' },
      { flags: '--email <text>', help: 'e-mail address' },
      { flags: '--phone <text>', help: 'phone number' },
      { flags: '--source <text>', help: 'where it comes from (website)' },
      { flags: '--reference <text>', help: 'your own id of it; a repeated one is a duplicate' },
      { flags: '--field <name=value>', help: 'any other field; may be repeated', repeat: true },
      { flags: '--file <file>', help: 'a JSON object with the fields, - for standard input' },
      { flags: '--idempotency-key <text>', help: 'sending it again with this is harmless' },
      ...keyOptions,
    ],
    input,
    examples: [
      'leadctl lead ingest --key-file key.txt --name "Mia Muster" --email mia@example.com',
      'LEADCTL_API_KEY=… leadctl lead ingest --phone +4915112345678 --field utm_source=mail',
      'leadctl lead ingest --key-file key.txt --file lead.json -o name',
    ],
    run: ingest,
  });
};

async function ingest(ctx: CommandContext, given: z.output<typeof input>): Promise<void> {
  if (given.keyStdin === true && given.file === '-') {
    throw usageError(
      'Standard input can be the key or the lead, not both',
      'put the key in a file and name it with --key-file',
    );
  }
  const key = await readApiKey(ctx, given);
  const body = await fieldsOf(ctx, given);
  const { idempotencyKey } = given;
  const leads = (await connect(ctx)).anonymous(leadContract);
  const result = await leads.call('ingest', {
    headers: {
      'x-api-key': key,
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body,
  });
  const item = bodyOf(result);
  if (item === undefined) {
    throw new CliError('The gateway sent this form on to another page, as `_redirect` asks', {
      next: 'leave the _redirect field out',
    });
  }
  await ctx.render({ item, columns, name: (row) => row.id });
  if ('duplicate' in item) await ctx.note('It was there already: this is the first one');
}

async function fieldsOf(
  ctx: CommandContext,
  { file, field: others, reference, ...given }: z.output<typeof input>,
): Promise<Record<string, unknown>> {
  const { name, email, phone, source } = given;
  const typed = { name, email, phone, source, lead_reference_id: reference };
  return {
    ...(file === undefined ? {} : await readObject(ctx, file)),
    ...Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined)),
    ...gather(others),
  };
}

/** A field given twice is a list, as a form with two inputs of one name. */
function gather(fields: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const values = Map.groupBy(fields, ([name]) => name);
  return Object.fromEntries(
    [...values].map(([name, list]) => {
      const [first, ...more] = list.map(([, value]) => value);
      return [name, more.length === 0 && first !== undefined ? first : list.map(([, v]) => v)];
    }),
  );
}

async function readObject(ctx: CommandContext, file: string): Promise<Record<string, unknown>> {
  const source = file === '-' ? 'standard input' : file;
  try {
    const content = file === '-' ? await text(ctx.io.stdin) : await readFile(file, 'utf8');
    return z.record(z.string(), z.unknown()).parse(parseExact(content));
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it holds no JSON object' : fileReason(error);
    throw new CliError(`Cannot read a lead from ${source}`, { code: 'lead_unreadable', why });
  }
}
