import * as z from 'zod';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { connectToSandbox, sandboxOption } from '../../client/sandbox.ts';

const field = z.string().transform((given, context) => {
  const at = given.indexOf('=');
  if (at > 0) return { name: given.slice(0, at), values: [given.slice(at + 1)] };
  context.addIssue('write it as name=value');
  return z.NEVER;
});

const metaId = z
  .string('must be given')
  .regex(/^\d{1,40}$/, 'must be an id of Meta’s: digits only');

const input = z.object({
  page: metaId,
  form: metaId,
  field: z.array(field).default([
    { name: 'full_name', values: ['Test Lead'] },
    { name: 'email', values: ['test.lead@example.com'] },
    { name: 'phone_number', values: ['+4930901820'] },
  ]),
  copies: z.coerce.number().int().min(1).max(100).default(1),
  notify: z.boolean().default(true),
  sandboxUrl: z.string().optional(),
});

/** `leadctl webhook trigger leadgen`: a lead at the emulated Meta, and its signed webhook. */
export const defineTrigger: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'leadgen', leadSpec('leadctl webhook trigger leadgen'));
};

/** Makes a lead at the emulated Meta; `command` is what its examples call it. */
export function leadSpec(command: string) {
  return {
    summary: 'Make a lead at the sandbox’s Meta, which then sends its signed webhook',
    options: [
      { flags: '--page <id>', help: 'id of the page' },
      { flags: '--form <id>', help: 'id of the form' },
      { flags: '--field <name=value>', help: 'what was filled in; may be repeated', repeat: true },
      { flags: '--copies <n>', help: 'send the webhook this many times' },
      { flags: '--no-notify', help: 'send no webhook, for `meta reconcile` to find' },
      sandboxOption,
    ],
    input,
    examples: [
      `${command} --page 1234567890 --form 9876543210`,
      `${command} --page 1 --form 2 --field email=a@b.example --copies 3`,
    ] as const,
    run: makeLead,
  };
}

async function makeLead(ctx: CommandContext, given: z.output<typeof input>): Promise<void> {
  const { page, form, field: field_data, copies, notify } = given;
  const sandbox = await connectToSandbox(ctx, given.sandboxUrl);
  const made = await sandbox.call('createLead', {
    body: { page_id: page, form_id: form, field_data, copies, notify },
  });
  const item = { ...bodyOf(made), page_id: page, form_id: form };
  await ctx.render({
    item,
    columns: [
      { header: 'LEADGEN', value: (row) => row.leadgen_id, keep: true },
      { header: 'PAGE', value: (row) => row.page_id },
      { header: 'FORM', value: (row) => row.form_id },
    ],
    name: ({ leadgen_id }) => leadgen_id,
  });
  await ctx.note('leadctl webhook events shows what becomes of it');
}
