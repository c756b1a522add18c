import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { type Lead, leadContract } from '../../../daemons/lead/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { listEvery } from '../../client/paging.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { findLeadId } from '../../client/short-ids.ts';
import type { Column } from '../../ui/columns.ts';
import { deliveryView } from '../delivery/view.ts';
import { describe, section } from '../shared/describe.ts';
import { leadArgument } from './read.ts';
import { leadView, timelineView } from './view.ts';

type Described = Lead & { readonly assignee: string | null };

const columns: readonly Column<Described>[] = [
  ...leadView.columns.filter(({ header }) => header !== 'ASSIGNED TO'),
  { header: 'ASSIGNED TO', value: (row) => row.assignee },
  { header: 'PHONE VALID', value: (row) => row.phone_valid },
  { header: 'CONSENT', value: (row) => jsonOf(row.consent) },
  { header: 'UPDATED', value: (row) => new Date(row.updated_at) },
  { header: 'ERASED', value: ({ erased_at: at }) => (at === null ? null : new Date(at)) },
  { header: 'AS SENT', value: (row) => jsonOf(row.raw_payload) },
];

export const defineLeadDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a lead whole: every field, its deliveries, all that happened to it',
    args: [leadArgument],
    input: z.object({ leadId: z.string() }),
    examples: [
      'leadctl lead describe LEAD_ID --client acme',
      'leadctl lead describe LEAD_ID --reveal',
    ],
    run: async (ctx, given) => {
      const gateway = await connectToClient(ctx);
      const lead_id = await findLeadId(gateway, given.leadId);
      const params = { client_id: gateway.clientId, lead_id };
      const lead = bodyOf(await gateway.of(leadContract).call('getLead', { params }));
      const integrations = gateway.of(integrationContract);
      const [assignee, deliveries, timeline] = await Promise.all([
        emailOf(gateway, lead.assigned_to_user_client_id),
        listEvery((page) =>
          integrations.call('listDeliveries', { params, query: { ...page, lead_id } }),
        ),
        gateway.of(leadContract).call('leadTimeline', { params }).then(bodyOf),
      ]);
      await describe<Described>(
        ctx,
        {
          ...leadView,
          mask: (row) => ({ ...row, ...leadView.mask(row) }),
          columns,
          item: { ...lead, assignee },
        },
        [
          section('deliveries', { ...deliveryView, rows: deliveries }),
          section('timeline', { ...timelineView, rows: timeline }),
        ],
      );
    },
  });
};

/** Null where nobody has it; the id where the caller may not see who. */
async function emailOf(gateway: ClientGateway, id: string | null): Promise<string | null> {
  if (id === null) return null;
  const params = { client_id: gateway.clientId, user_client_id: id };
  const found = await gateway.of(userContract).call('getMember', { params });
  return found.ok ? found.body.email : id;
}

function jsonOf(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
