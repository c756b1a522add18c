import * as z from 'zod';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { allOption, limitOf, limitOption, listInput } from '../../cli/specs.ts';
import { findDestination, listDestinations } from '../../client/destinations.ts';
import { listUpTo } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import { noteMore } from '../shared/list-note.ts';
import { defineDestinationActs } from './acts.ts';
import { destinationArgument } from './argument.ts';
import { defineBackfill } from './backfill.ts';
import { defineDestinationCreate } from './create.ts';
import { defineDestinationDescribe } from './describe.ts';
import { defineKinds } from './kinds.ts';
import { noteTrouble } from './notes.ts';
import { defineDestinationSet } from './set.ts';
import { destinationView, wholeView } from './view.ts';

/** `leadctl destination …`: where the leads of a client go. What a kind wants, the platform says. */
export const defineDestination: DefineCommand = (noun, cli) => {
  defineKinds(noun, cli);
  defineDestinationCreate(noun, cli);
  defineVerb(noun, cli, 'ls', {
    summary: 'List where the leads of a client go',
    options: [limitOption, allOption],
    input: z.object(listInput(1_000)),
    examples: [
      'leadctl destination ls --client acme',
      'leadctl destination ls --client acme -o wide',
    ],
    run: async (ctx, input) => {
      const found = await listUpTo(listDestinations(await connectToClient(ctx)), limitOf(input));
      await ctx.render({ ...destinationView, rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'get', {
    summary: 'Show a destination with its settings; secrets only say that they are set',
    args: [destinationArgument],
    input: z.object({ destination: z.string() }),
    examples: [
      'leadctl destination get crm --client acme',
      'leadctl destination get crm --client acme -o yaml',
    ],
    run: async (ctx, { destination: text }) => {
      const item = await findDestination(await connectToClient(ctx), text);
      await ctx.render(wholeView(item));
      await noteTrouble(ctx, item);
    },
  });
  defineDestinationDescribe(noun, cli);
  defineDestinationSet(noun, cli);
  defineDestinationActs(noun, cli);
  defineBackfill(noun, cli);
};
