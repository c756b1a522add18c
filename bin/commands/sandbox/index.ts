import * as z from 'zod';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { limitOption } from '../../cli/specs.ts';
import { connectToSandbox, sandboxOption } from '../../client/sandbox.ts';
import { defineFaults, PROVIDERS } from './fault.ts';
import { maskSheet, messageView, requestView, sheetColumns } from './view.ts';
import { leadSpec } from '../webhook/trigger.ts';

const at = { sandboxUrl: z.string().optional() };
const limit = z.coerce.number().int().positive().default(50);

/** `leadctl sandbox …`: what reached the emulated providers, and how they shall behave. */
export const defineSandbox: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'messages', {
    summary: 'List the WhatsApp messages that were accepted, newest last',
    options: [limitOption, sandboxOption],
    input: z.object({ ...at, limit }),
    examples: ['leadctl sandbox messages', 'leadctl sandbox messages --reveal -o json'],
    run: async (ctx, given) => {
      const sandbox = await connectToSandbox(ctx, given.sandboxUrl);
      const { data } = bodyOf(await sandbox.call('listMessages', {}));
      await ctx.render({ ...messageView, rows: data.slice(-given.limit) });
    },
  });
  defineVerb(noun, cli, 'sheet', {
    summary: 'Show a spreadsheet as it stands',
    args: [{ name: '<spreadsheet_id>', help: 'its id, e.g. acme-leads' }],
    options: [
      { flags: '--tab <name>', help: 'this tab; else the first that holds any' },
      sandboxOption,
    ],
    input: z.object({ ...at, spreadsheetId: z.string(), tab: z.string().optional() }),
    examples: ['leadctl sandbox sheet acme-leads', 'leadctl sandbox sheet acme-leads -o csv'],
    run: async (ctx, { spreadsheetId, tab, sandboxUrl }) => {
      const sandbox = await connectToSandbox(ctx, sandboxUrl);
      const params = { spreadsheet_id: spreadsheetId };
      const found = bodyOf(await sandbox.call('readSheet', { params, query: { sheet: tab } }));
      const sheet = ctx.flags.reveal ? found : maskSheet(found);
      const { output } = ctx.flags;
      if (output === 'json' || output === 'yaml') {
        await ctx.render({ item: sheet, columns: [], name: () => spreadsheetId });
        return;
      }
      const rows = sheet.values.slice(1);
      const columns = sheetColumns(sheet);
      const empty = 'There is nothing in it.';
      await ctx.render({ rows, columns, name: (row) => String(row[0] ?? ''), empty });
    },
  });
  defineVerb(noun, cli, 'requests', {
    summary: 'List the calls that reached a provider, newest last',
    options: [
      { flags: '--provider <name>', help: 'only of this one', choices: PROVIDERS },
      limitOption,
      sandboxOption,
    ],
    input: z.object({ ...at, provider: z.enum(PROVIDERS).optional(), limit }),
    examples: ['leadctl sandbox requests', 'leadctl sandbox requests --provider meta -o wide'],
    run: async (ctx, { provider, sandboxUrl, ...given }) => {
      const sandbox = await connectToSandbox(ctx, sandboxUrl);
      const { data } = bodyOf(await sandbox.call('listRequests', { query: { provider } }));
      await ctx.render({ ...requestView, rows: data.slice(-given.limit) });
    },
  });
  defineVerb(noun, cli, 'lead', leadSpec('leadctl sandbox lead'));
  defineVerb(noun, cli, 'reset', {
    summary: 'Forget everything in the sandbox: messages, sheets, leads, faults, settings',
    options: [sandboxOption],
    input: z.object(at),
    examples: ['leadctl sandbox reset --yes'],
    run: async (ctx, { sandboxUrl }) => {
      const sandbox = await connectToSandbox(ctx, sandboxUrl);
      const { data } = bodyOf(await sandbox.call('listMessages', {}));
      await ctx.confirm({
        question: `Forget ${data.length} messages, all sheets, leads and faults of the sandbox at ${sandbox.url}?`,
      });
      bodyOf(await sandbox.call('reset', {}));
      await ctx.note('The sandbox is empty');
    },
  });
  defineFaults(noun.command('fault').description('Make providers fail, lag or hang'), cli);
};
