import * as z from 'zod';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { findMember } from '../../client/members.ts';
import { connectToClient } from '../../client/scope.ts';
import { findLeadId } from '../../client/short-ids.ts';
import { maskEmail, maskName } from '../../ui/mask.ts';
import { leadArgument } from './read.ts';
import { defineLeadSet } from './set.ts';
import { leadView } from './view.ts';

export const defineLeadChanging: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'assign', {
    summary: 'Give a lead to a member, or to nobody',
    args: [
      leadArgument,
      { name: '<member>', help: 'e-mail or id of the member, or none', complete: 'members' },
    ],
    input: z.object({ leadId: z.string(), member: z.string() }),
    examples: [
      'leadctl lead assign LEAD_ID rep@acme.example',
      'leadctl lead assign LEAD_ID none --client acme',
    ],
    run: async (ctx, { leadId, member }) => {
      const gateway = await connectToClient(ctx);
      const assignee = member === 'none' ? null : (await findMember(gateway, member)).id;
      const changed = await gateway.of(leadContract).call('updateLead', {
        params: { client_id: gateway.clientId, lead_id: await findLeadId(gateway, leadId) },
        body: { assigned_to_user_client_id: assignee },
      });
      await ctx.render({ ...leadView, item: bodyOf(changed) });
    },
  });
  defineLeadSet(noun, cli);
  defineVerb(noun, cli, 'erase', {
    summary: 'Erase the personal data of a lead for good; an audit entry stays',
    args: [leadArgument],
    input: z.object({ leadId: z.string() }),
    examples: ['leadctl lead erase LEAD_ID --yes'],
    run: eraseLead,
  });
};

async function eraseLead(
  ctx: CommandContext,
  { leadId: text }: { readonly leadId: string },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const leads = gateway.of(leadContract);
  const leadId = await findLeadId(gateway, text);
  const params = { client_id: gateway.clientId, lead_id: leadId };
  const { name, email, created_at } = bodyOf(await leads.call('getLead', { params }));
  const who = [name && maskName(name), email && maskEmail(email)].filter(Boolean).join(', ');
  await ctx.confirm({
    question: `Erase the lead ${leadId} (${who || 'no name'}, of ${created_at}) for good?`,
    typed: leadId.slice(-6),
  });
  bodyOf(await leads.call('eraseLead', { params }));
  await ctx.note(`Erased ${leadId}`);
}
