import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { usageError } from '../cli/failure.ts';
import { connect } from '../client/gateway.ts';

/** `leadctl ui`: the console; what `leadctl` alone opens at a terminal. */
export const defineUi: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Open the console: everything to look at and act on, full screen',
    input: z.object({}),
    examples: ['leadctl ui', 'leadctl ui --client acme'],
    run: async (ctx) => {
      if (ctx.terminal === undefined) {
        throw usageError('The console needs a terminal', 'leadctl --help lists the commands');
      }
      const gateway = await connect(ctx);
      // Before the screen is taken: whoever is not logged in is told so on the usual one.
      bodyOf(await gateway.of(authContract).call('me', {}));
      const { runConsole } = await import('../console/run.tsx');
      return await runConsole(ctx, ctx.terminal, gateway);
    },
  });
};
