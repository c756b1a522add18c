import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { allOption, limitOf, limitOption, listInput } from '../../cli/specs.ts';
import { listUpTo } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import { findDeliveryId, findLeadId } from '../../client/short-ids.ts';
import { defineDeliveryDescribe } from './describe.ts';
import { defineReplay } from './replay.ts';
import { attemptColumns, deliveryView, STATUSES } from './view.ts';
import { noteMore } from '../shared/list-note.ts';

const deliveryArgument = {
  name: '<delivery_id>',
  help: 'id of the delivery, or its end',
  complete: 'deliveries',
} as const;
const named = z.object({ deliveryId: z.string() });

/** `leadctl delivery …`. */
export const defineDelivery: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ls', {
    summary: 'List deliveries, newest first',
    options: [
      { flags: '--lead <id>', help: 'only of this lead' },
      { flags: '--status <status>', help: 'only these', choices: STATUSES },
      {
        flags: '--destination <name>',
        help: 'only to this one, by name or id',
        complete: 'destinations',
      },
      { flags: '--integration <kind>', help: 'only to those of this kind' },
      limitOption,
      allOption,
    ],
    input: z.object({
      lead: z.string().optional(),
      status: z.enum(STATUSES).optional(),
      destination: z.string().optional(),
      integration: z.string().optional(),
      ...listInput(50),
    }),
    examples: [
      'leadctl delivery ls --client acme --status failed',
      'leadctl delivery ls --lead LEAD_ID -o wide',
    ],
    run: async (ctx, { lead, status, destination, integration, ...input }) => {
      const gateway = await connectToClient(ctx);
      const integrations = gateway.of(integrationContract);
      const params = { client_id: gateway.clientId };
      const lead_id = lead === undefined ? undefined : await findLeadId(gateway, lead);
      const query = { lead_id, status, destination, integration };
      const found = await listUpTo(
        (page) => integrations.call('listDeliveries', { params, query: { ...query, ...page } }),
        limitOf(input),
      );
      await ctx.render({ ...deliveryView, rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'get', {
    summary: 'Show a delivery with each of its attempts',
    args: [deliveryArgument],
    input: named,
    examples: ['leadctl delivery get DELIVERY_ID', 'leadctl delivery get DELIVERY_ID -o yaml'],
    run: async (ctx, { deliveryId }) => {
      const gateway = await connectToClient(ctx);
      const id = await findDeliveryId(gateway, deliveryId);
      const params = { client_id: gateway.clientId, delivery_id: id };
      const item = bodyOf(await gateway.of(integrationContract).call('getDelivery', { params }));
      await ctx.render({ ...deliveryView, item });
      if (ctx.flags.output !== 'table' && ctx.flags.output !== 'wide') return;
      await ctx.render({
        rows: item.attempt_log,
        columns: attemptColumns,
        name: ({ number }) => String(number),
        empty: 'No attempt yet.',
      });
    },
  });
  defineDeliveryDescribe(noun, cli);
  defineVerb(noun, cli, 'retry', {
    summary: 'Try a delivery again now',
    args: [deliveryArgument],
    input: named,
    examples: ['leadctl delivery retry DELIVERY_ID --client acme'],
    run: async (ctx, { deliveryId }) => {
      const gateway = await connectToClient(ctx);
      const integrations = gateway.of(integrationContract);
      const id = await findDeliveryId(gateway, deliveryId);
      const params = { client_id: gateway.clientId, delivery_id: id };
      const before = bodyOf(await integrations.call('getDelivery', { params }));
      if (before.status === 'unknown') {
        await ctx.confirm({
          question: `Nobody knows whether ${id} arrived (${before.integration}). Send it again, perhaps twice?`,
        });
      }
      const item = bodyOf(await integrations.call('retryDelivery', { params }));
      await ctx.render({ ...deliveryView, item });
    },
  });
  defineReplay(noun, cli);
};
