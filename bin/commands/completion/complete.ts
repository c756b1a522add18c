import * as z from 'zod';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import { liveKinds, liveValues } from '../../completion/live-values.ts';
import { write } from '../../io.ts';
import { visible } from '../../ui/text.ts';

/** What the completion scripts call for values that only a lookup knows; one a line. */
export const defineComplete: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Print values for completion',
    args: [{ name: '<kind>', help: 'what to look up' }],
    input: z.object({ kind: z.enum(liveKinds) }),
    examples: ['leadctl __complete contexts'],
    run: async (ctx, { kind }) => {
      const values = await liveValues(kind, ctx);
      await write(ctx.io.stdout, values.map((value) => `${visible(value)}\n`).join(''));
    },
  });
};
