import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { exitCodes } from '../exit-codes.ts';
import { countText } from '../manifest/show/view.ts';
import { fileOption, planRun, pruneOption, showPlan } from './shared/manifest-run.ts';

/** `diff` has an exit code of its own for "there are changes", which scripts wait for. */
const CHANGES = exitCodes.usage;

/** `leadctl diff`. */
export const defineDiff: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Show what apply would change: exit code 0 for nothing, 2 for something, 1 for a failure',
    options: [fileOption, { ...pruneOption, help: 'show what --prune would remove, too' }],
    input: z.object({
      file: z.array(z.string().min(1), { error: 'must name a manifest, or - for standard input' }),
      prune: z.boolean().default(false),
    }),
    examples: ['leadctl diff -f acme.yaml', 'leadctl export | leadctl diff -f - -o json'],
    run: async (ctx, input) => {
      const { planned } = await planRun(ctx, input);
      const { steps } = planned.plan;
      await showPlan(ctx, steps);
      if (steps.length === 0) return exitCodes.ok;
      await ctx.note(countText(steps));
      return CHANGES;
    },
  });
};
