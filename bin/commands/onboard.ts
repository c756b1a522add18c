import * as z from 'zod';
import { clientIdSchema } from '../../lib/core/ids.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { usageError } from '../cli/failure.ts';
import { answered } from '../cli/guided.ts';
import { connect } from '../client/gateway.ts';
import { STEPS } from '../onboard/steps.ts';

/** `leadctl onboard`: a new client, step by step, to its first delivered lead. */
export const defineOnboard: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Take a new client to its first delivered lead, step by step; run again, it goes on',
    args: [{ name: '[client_id]', help: 'a new id, or one to go on with', complete: 'clients' }],
    input: z.object({ clientId: z.string().optional() }),
    examples: ['leadctl onboard', 'leadctl onboard acme'],
    run: async (ctx, { clientId: given }) => {
      if (!ctx.io.stdinIsTty || !ctx.io.stderrIsTty) {
        throw usageError(
          'Onboarding asks its way through, and there is no terminal',
          'scripts use leadctl apply -f with a manifest',
        );
      }
      const connected = await connect(ctx);
      const named =
        given ?? connected.settings.client ?? (await answered(ctx, 'Id of the client:'));
      const parsed = clientIdSchema.safeParse(named);
      if (!parsed.success) {
        const reason = parsed.error.issues[0]?.message ?? '';
        throw usageError(`'${named}' is no id of a client: it ${reason}`, 'leadctl onboard acme');
      }
      const gateway = { ...connected, clientId: parsed.data };
      const on = { ctx, gateway, apiKey: undefined };
      for (const [at, step] of STEPS.entries()) {
        await ctx.note(`\n${at + 1}/${STEPS.length}  ${step.title}`);
        const before = await step.done(on);
        await ctx.note(before === undefined ? await step.run(on) : `  ✓ ${before}`);
      }
      await ctx.note(`\nWhat is left to see to: leadctl doctor --client ${gateway.clientId}`);
    },
  });
};
