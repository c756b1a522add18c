import * as z from 'zod';
import { LEAD_STATUSES, leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb, type OptionSpec } from '../../cli/command.ts';
import { allOption, limitOf, limitOption, listInput, moment } from '../../cli/specs.ts';
import { findMember } from '../../client/members.ts';
import { listUpTo } from '../../client/paging.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { findLeadId } from '../../client/short-ids.ts';
import { noteMore } from '../shared/list-note.ts';
import { leadView, timelineView } from './view.ts';

export const leadArgument = {
  name: '<lead_id>',
  help: 'id of the lead, or its end',
  complete: 'leads',
} as const;

/** Which leads: the filters that `ls` and `export` share. */
export const filterOptions: readonly OptionSpec[] = [
  { flags: '--status <status>', help: 'only with this status', choices: LEAD_STATUSES },
  { flags: '--source <source>', help: 'only from this source' },
  {
    flags: '--assigned-to <member>',
    help: 'only of this member (e-mail or id), or none',
    complete: 'members',
  },
  { flags: '--product <id>', help: 'only for this product' },
  { flags: '--since <time>', help: 'created from then on: 2026-03-01, 24h, 7d' },
  { flags: '--until <time>', help: 'created before then' },
  { flags: '--search <text>', help: 'part of a name, e-mail, phone or reference' },
];

export const filterInput = (now: () => Date) => ({
  status: z.enum(LEAD_STATUSES).optional(),
  source: z.string().optional(),
  assignedTo: z.string().optional(),
  product: z.uuid().optional(),
  since: z.string().transform(moment(now)).optional(),
  until: z.string().transform(moment(now)).optional(),
  search: z.string().min(1).optional(),
});
type Filters = z.output<z.ZodObject<ReturnType<typeof filterInput>>>;

/** Asks for pages of the leads that the filters describe; a member's e-mail is looked up first. */
export async function askLeads(gateway: ClientGateway, filters: Filters) {
  const leads = gateway.of(leadContract);
  const params = { client_id: gateway.clientId };
  const { assignedTo } = filters;
  const assigned_to =
    assignedTo === undefined || assignedTo === 'none'
      ? assignedTo
      : (await findMember(gateway, assignedTo)).id;
  const query = {
    assigned_to,
    status: filters.status,
    source: filters.source,
    product_id: filters.product,
    created_after: filters.since,
    created_before: filters.until,
    q: filters.search,
  };
  return (page: { limit: number; cursor: string | undefined }) =>
    leads.call('listLeads', { params, query: { ...query, ...page } });
}

export const defineLeadReading: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ls', {
    summary: 'List leads, newest first',
    options: [...filterOptions, limitOption, allOption],
    input: z.object({ ...filterInput(() => new Date()), ...listInput(50) }),
    examples: [
      'leadctl lead ls --client acme',
      'leadctl lead ls --status new --since 24h --all -o csv',
      'leadctl lead ls --assigned-to rep@acme.example -o wide --reveal',
    ],
    run: async (ctx, input) => {
      const found = await listUpTo(
        await askLeads(await connectToClient(ctx), input),
        limitOf(input),
      );
      await ctx.render({ ...leadView, rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'get', {
    summary: 'Show a lead',
    args: [leadArgument],
    input: z.object({ leadId: z.string() }),
    examples: ['leadctl lead get LEAD_ID -o yaml --reveal'],
    run: async (ctx, { leadId }) => {
      const gateway = await connectToClient(ctx);
      const params = { client_id: gateway.clientId, lead_id: await findLeadId(gateway, leadId) };
      const item = bodyOf(await gateway.of(leadContract).call('getLead', { params }));
      await ctx.render({ ...leadView, item });
    },
  });
  defineVerb(noun, cli, 'trace', {
    summary:
      'Show what happened to a lead, oldest first: received, assigned, each delivery attempt',
    args: [leadArgument],
    input: z.object({ leadId: z.string() }),
    examples: ['leadctl lead trace LEAD_ID', 'leadctl lead trace LEAD_ID -o json'],
    run: async (ctx, { leadId }) => {
      const gateway = await connectToClient(ctx);
      const params = { client_id: gateway.clientId, lead_id: await findLeadId(gateway, leadId) };
      const rows = bodyOf(await gateway.of(leadContract).call('leadTimeline', { params }));
      await ctx.render({ ...timelineView, rows });
    },
  });
};
