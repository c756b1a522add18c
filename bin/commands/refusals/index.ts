import * as z from 'zod';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import { allOption, limitOf, limitOption, listInput, moment } from '../../cli/specs.ts';
import { listUpTo } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import { noteMore } from '../shared/list-note.ts';
import { refusalView } from './view.ts';

/** `leadctl refusals`: what the forms of a client were told no to. */
export const defineRefusals: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Count the posts of leads that were not taken, by key, origin, address and reason',
    options: [
      { flags: '--since <time>', help: 'from then on: 2026-03-01, 24h, 7d (24h)' },
      { flags: '--until <time>', help: 'before then' },
      limitOption,
      allOption,
    ],
    input: z.object({
      since: z
        .string()
        .transform(moment(() => new Date()))
        .optional(),
      until: z
        .string()
        .transform(moment(() => new Date()))
        .optional(),
      ...listInput(50),
    }),
    reads: true,
    examples: [
      'leadctl refusals --client acme',
      'leadctl refusals --client acme --since 7d -o csv',
    ],
    run: async (ctx, { since, until, ...input }) => {
      const gateway = await connectToClient(ctx);
      const leads = gateway.of(leadContract);
      const params = { client_id: gateway.clientId };
      const found = await listUpTo(
        (page) => leads.call('listRefusals', { params, query: { since, until, ...page } }),
        limitOf(input),
      );
      await ctx.render({ ...refusalView, rows: found.items });
      await noteMore(ctx, found);
    },
  });
};
