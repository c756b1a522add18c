import * as z from 'zod';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import { readStanding } from '../../client/dashboard.ts';
import { connect } from '../../client/gateway.ts';
import { clientColumns, maskStanding } from './view.ts';
import { watchDashboard } from './watch.ts';

const NEWEST_IN_SNAPSHOT = 20;

/** `leadctl dashboard`: a live view on a terminal, one document of how things stand anywhere else. */
export const defineDashboard: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Watch leads, deliveries, held lanes and services; of --client, else of all clients you see',
    input: z.object({}),
    reads: true,
    examples: [
      'leadctl dashboard --client acme',
      'leadctl dashboard',
      'leadctl dashboard --client acme -o json | jq .clients[0].deliveries.lanes',
    ],
    run: async (ctx) => {
      const gateway = await connect(ctx);
      const clientId = gateway.settings.client;
      if (ctx.terminal) return await watchDashboard(ctx, ctx.terminal, gateway, clientId);
      const signal = ctx.interruption();
      const query = { clientId, newest: NEWEST_IN_SNAPSHOT, now: ctx.now, signal };
      const read = await readStanding(gateway, query);
      const standing = ctx.flags.reveal ? read : maskStanding(read);
      const { output } = ctx.flags;
      if (output === 'json' || output === 'yaml') {
        await ctx.render({ item: standing, columns: [], name: () => standing.gateway });
        return undefined;
      }
      await ctx.render({
        rows: standing.clients,
        columns: clientColumns,
        name: ({ client_id }) => client_id,
        empty: 'There is no client that you may see.',
      });
      for (const { client_id, problems } of standing.clients) {
        for (const problem of problems) await ctx.note(`${client_id}: ${problem}`);
      }
      const down = standing.services.filter(({ status }) => status !== 'ok');
      if (down.length > 0) await ctx.note(`Down: ${down.map(({ name }) => name).join(', ')}`);
      if (standing.more_clients) await ctx.note('There are more clients than these');
      return undefined;
    },
  });
};
