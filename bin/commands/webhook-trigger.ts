import * as z from 'zod';
import { sandboxContract } from '../../daemons/sandbox/contract.ts';
import { createClient } from '../../lib/contract/client.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError } from '../cli/failure.ts';
import { gatewayUrl } from '../config/settings.ts';
import { PORT_OFFSETS } from '../host/ports.ts';

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
  defineVerb(noun, cli, 'leadgen', {
    summary: 'Make a lead at the sandbox’s Meta, which then sends its signed webhook',
    options: [
      { flags: '--page <id>', help: 'id of the page' },
      { flags: '--form <id>', help: 'id of the form' },
      { flags: '--field <name=value>', help: 'what was filled in; may be repeated', repeat: true },
      { flags: '--copies <n>', help: 'send the webhook this many times' },
      { flags: '--no-notify', help: 'send no webhook, for `meta reconcile` to find' },
      { flags: '--sandbox-url <url>', help: 'of the sandbox (LEADCTL_SANDBOX_URL)' },
    ],
    input,
    examples: [
      'leadctl webhook trigger leadgen --page 1234567890 --form 9876543210',
      'leadctl webhook trigger leadgen --page 1 --form 2 --field email=a@b.example --copies 3',
    ],
    run: trigger,
  });
};

const TIMEOUT_MS = 30_000;

async function trigger(ctx: CommandContext, given: z.output<typeof input>): Promise<void> {
  const { page, form, field: field_data, copies, notify } = given;
  const { url } = await ctx.settings();
  const named = given.sandboxUrl ?? ctx.io.env['LEADCTL_SANDBOX_URL'];
  const sandboxUrl = named ? gatewayUrl(named) : besideGateway(url);
  const signal = AbortSignal.any([ctx.interruption(), AbortSignal.timeout(TIMEOUT_MS)]);
  const sandbox = createClient(sandboxContract, ({ method, path, headers, body }) =>
    fetch(`${sandboxUrl}${path}`, { method, headers, signal, ...(body ? { body } : {}) }),
  );
  const made = await sandbox
    .call('createLead', { body: { page_id: page, form_id: form, field_data, copies, notify } })
    .catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new CliError(`Cannot reach the sandbox at ${sandboxUrl}`, {
        code: 'sandbox_unreachable',
        why: String(error),
        next: 'start one with `leadctl up --sandbox`, or set LEADCTL_SANDBOX_URL',
      });
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

/** Where `leadctl up` puts it. */
function besideGateway(url: string): string {
  const sandbox = new URL(url);
  const port = Number(sandbox.port || (sandbox.protocol === 'https:' ? 443 : 80));
  sandbox.port = String(port + PORT_OFFSETS.sandbox);
  return sandbox.origin;
}
