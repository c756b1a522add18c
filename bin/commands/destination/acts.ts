import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { findDestination, lookUpKind } from '../../client/destinations.ts';
import { connectToClient } from '../../client/scope.ts';
import { settingCommand } from '../../doctor/destinations.ts';
import { exitCodes } from '../../exit-codes.ts';
import { noteRemedies } from '../shared/remedy-notes.ts';
import { destinationArgument } from './argument.ts';
import { checkColumns } from './view.ts';

const input = z.object({ destination: z.string() });

/** `leadctl destination test|release|rm`. */
export const defineDestinationActs: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'test', {
    summary: 'Check whether a destination will work; exit 1 when something is wrong',
    args: [destinationArgument],
    input,
    examples: ['leadctl destination test crm --client acme'],
    run: async (ctx, { destination: text }) => {
      const gateway = await connectToClient(ctx);
      const { id, name: destination, kind } = await findDestination(gateway, text);
      const params = { client_id: gateway.clientId, destination_id: id };
      const answer = await gateway.of(integrationContract).call('testDestination', { params });
      const report = bodyOf(answer);
      const known = report.ok ? undefined : await lookUpKind(gateway, kind);
      const rows = report.checks.map((check) => ({
        ...check,
        remedy:
          settingCommand(check, known, { clientId: gateway.clientId, name: destination }) ??
          check.remedy,
      }));
      await ctx.render({ rows, columns: checkColumns, name: ({ name }) => name });
      await noteRemedies(
        ctx,
        rows.map(({ name, ...rest }) => ({ title: name, ...rest })),
      );
      return report.ok ? exitCodes.ok : exitCodes.failed;
    },
  });
  defineVerb(noun, cli, 'release', {
    summary: 'Lift what holds a destination: what waits for it is tried again now',
    args: [destinationArgument],
    input,
    examples: ['leadctl destination release crm --client acme'],
    run: async (ctx, { destination: text }) => {
      const gateway = await connectToClient(ctx);
      const { id, name } = await findDestination(gateway, text);
      const params = { client_id: gateway.clientId, destination_id: id };
      const answer = await gateway.of(integrationContract).call('releaseDestination', { params });
      const item = { destination: name, ...bodyOf(answer) };
      await ctx.render({
        item,
        columns: [
          { header: 'DESTINATION', value: (row) => row.destination },
          { header: 'RELEASED', value: (row) => row.released, align: 'right' },
          { header: 'LANES', value: (row) => row.lanes, align: 'right' },
        ],
        name: (row) => row.destination,
      });
      if (item.released + item.lanes === 0) await ctx.note('Nothing was held');
    },
  });
  defineVerb(noun, cli, 'rm', {
    summary: 'Send nothing to a destination any more; what waits for it is skipped',
    args: [destinationArgument],
    input,
    examples: ['leadctl destination rm crm --client acme --yes'],
    run: async (ctx, { destination: text }) => {
      const gateway = await connectToClient(ctx);
      const { id, name, kind } = await findDestination(gateway, text);
      await ctx.confirm({
        question: `Remove the destination '${name}' (${kind}) of ${gateway.clientId}? What waits for it is not sent, and its secrets are gone.`,
      });
      const params = { client_id: gateway.clientId, destination_id: id };
      bodyOf(await gateway.of(integrationContract).call('removeDestination', { params }));
      await ctx.note(`Removed '${name}' (${id})`);
    },
  });
};
