import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { connect } from '../client/gateway.ts';
import { findCredential, removeCredential } from '../config/store.ts';

/** `leadctl logout`: ends the session at the gateway and forgets the tokens, whatever the gateway says. */
export const defineLogout: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'End the session and forget the tokens',
    input: z.object({}),
    examples: ['leadctl logout', 'leadctl logout --context prod'],
    run: async (ctx) => {
      const gateway = await connect(ctx);
      const { credentialKeys, url } = gateway.settings;
      const found = await findCredential(ctx.store, credentialKeys);
      if (found === undefined) {
        await ctx.note(`Not logged in at ${url}; nothing to do`);
        return;
      }
      const problem = await endSession(gateway, found.credential.refresh_token);
      await removeCredential(ctx.store, found.key);
      await ctx.note(`Logged out of ${url}`);
      if (problem !== undefined) {
        await ctx.note(`The gateway did not end the session itself: ${problem}`);
      }
    },
  });
};

/** What kept the gateway from it: the tokens are forgotten here all the same. */
async function endSession(
  gateway: Awaited<ReturnType<typeof connect>>,
  refreshToken: string,
): Promise<string | undefined> {
  try {
    const body = { refresh_token: refreshToken };
    const result = await gateway.of(authContract).call('logout', { body });
    return result.ok ? undefined : result.problem.detail;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
