import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { connectToClient } from '../../client/scope.ts';
import { findDeliveryId } from '../../client/short-ids.ts';
import { attemptColumns, deliveryView } from './view.ts';
import { describe, section } from '../shared/describe.ts';
import { leadView } from '../lead/view.ts';

export const defineDeliveryDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a delivery whole: its attempts and the lead that it is about',
    args: [
      { name: '<delivery_id>', help: 'id of the delivery, or its end', complete: 'deliveries' },
    ],
    input: z.object({ deliveryId: z.string() }),
    examples: ['leadctl delivery describe DELIVERY_ID --client acme'],
    run: async (ctx, given) => {
      const gateway = await connectToClient(ctx);
      const delivery_id = await findDeliveryId(gateway, given.deliveryId);
      const params = { client_id: gateway.clientId, delivery_id };
      const { attempt_log: attempts, ...item } = bodyOf(
        await gateway.of(integrationContract).call('getDelivery', { params }),
      );
      const lead = await gateway
        .of(leadContract)
        .call('getLead', { params: { client_id: gateway.clientId, lead_id: item.lead_id } });
      await describe(ctx, { ...deliveryView, item }, [
        section('attempt_log', {
          rows: attempts,
          columns: attemptColumns,
          name: ({ number }) => String(number),
          empty: 'No attempt yet.',
        }),
        section('lead', { ...leadView, rows: lead.ok ? [lead.body] : [] }),
      ]);
    },
  });
};
