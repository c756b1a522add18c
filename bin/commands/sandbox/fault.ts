import * as z from 'zod';
import { sandboxContract } from '../../../sandbox/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { connectToSandbox, sandboxOption } from '../../client/sandbox.ts';
import { faultView } from './view.ts';

const { provider, operation } = sandboxContract.routes.listRequests.query.shape;
export const PROVIDERS = provider.unwrap().options;
const OPERATIONS = operation.unwrap().options;

const count = z.coerce.number().int().positive();

/** A fault must say what shall happen: one of these at least. */
const newFault = z
  .object({
    provider: z.enum(PROVIDERS),
    operation: z.enum(OPERATIONS).optional(),
    subject: z.string().optional(),
    status: z.coerce.number().int().min(400).max(599).optional(),
    code: z.string().max(50).optional(),
    message: z.string().max(500).optional(),
    delayMs: z.coerce.number().int().min(0).max(300_000).optional(),
    hangAfterAccept: z.boolean().optional(),
    rate: z.coerce.number().min(0).max(1).optional(),
    times: count.optional(),
    sandboxUrl: z.string().optional(),
  })
  .refine(
    ({ status, code, delayMs, hangAfterAccept }) =>
      [status, code, delayMs, hangAfterAccept].some((effect) => effect !== undefined),
    {
      path: ['status'],
      message: 'say what shall happen: --status, --code, --delay-ms or --hang-after-accept',
    },
  );

/** `leadctl sandbox fault add|ls|clear`. */
export const defineFaults: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'add', {
    summary: 'Make an emulated provider fail, lag or hang',
    args: [{ name: '<provider>', help: 'which one', choices: PROVIDERS }],
    options: [
      { flags: '--operation <name>', help: 'only for this operation', choices: OPERATIONS },
      { flags: '--subject <id>', help: 'only for this number, spreadsheet, lead, form or page' },
      { flags: '--status <n>', help: 'answer this HTTP status, 400–599' },
      { flags: '--code <code>', help: 'answer the provider’s own error code, e.g. 131026' },
      { flags: '--message <text>', help: 'the words that go with it' },
      { flags: '--delay-ms <n>', help: 'answer this much later' },
      { flags: '--hang-after-accept', help: 'do the work and never answer' },
      { flags: '--rate <share>', help: 'only this share of the calls, 0 to 1' },
      { flags: '--times <n>', help: 'only this many calls' },
      sandboxOption,
    ],
    input: newFault,
    examples: [
      'leadctl sandbox fault add whatsapp --code 131026 --times 3',
      'leadctl sandbox fault add google_sheets --operation append --status 503 --rate 0.2',
      'leadctl sandbox fault add whatsapp --operation messages --hang-after-accept --times 1',
    ],
    run: async (ctx, { sandboxUrl, code, delayMs, hangAfterAccept, ...given }) => {
      const sandbox = await connectToSandbox(ctx, sandboxUrl);
      const body = {
        ...given,
        // A code of Meta’s is a number, one of Google’s a word.
        code: code !== undefined && /^\d+$/.test(code) ? Number(code) : code,
        delay_ms: delayMs,
        hang_after_accept: hangAfterAccept,
      };
      await ctx.render({ ...faultView, item: bodyOf(await sandbox.call('addFault', { body })) });
      await ctx.note('leadctl sandbox fault clear ends it');
    },
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List the faults in force and how often each was met',
    options: [sandboxOption],
    input: z.object({ sandboxUrl: z.string().optional() }),
    examples: ['leadctl sandbox fault ls'],
    run: async (ctx, { sandboxUrl }) => {
      const sandbox = await connectToSandbox(ctx, sandboxUrl);
      await ctx.render({ ...faultView, rows: bodyOf(await sandbox.call('listFaults', {})).data });
    },
  });
  defineVerb(noun, cli, 'clear', {
    summary: 'End all faults',
    options: [sandboxOption],
    input: z.object({ sandboxUrl: z.string().optional() }),
    examples: ['leadctl sandbox fault clear'],
    run: async (ctx, { sandboxUrl }) => {
      const sandbox = await connectToSandbox(ctx, sandboxUrl);
      bodyOf(await sandbox.call('clearFaults', {}));
      await ctx.note('All providers work again');
    },
  });
};
