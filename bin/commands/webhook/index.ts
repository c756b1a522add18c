import * as z from 'zod';
import { clientContract } from '../../../daemons/client/contract.ts';
import { type WebhookEvent, webhookContract } from '../../../daemons/webhook/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { allOption, limitOf, limitOption, listInput } from '../../cli/specs.ts';
import { connect } from '../../client/gateway.ts';
import { listUpTo } from '../../client/paging.ts';
import type { Column } from '../../ui/columns.ts';
import { noteMore } from '../shared/list-note.ts';
import { defineTrigger } from './trigger.ts';

const STATUSES = webhookContract.routes.listEvents.query.shape.status.unwrap().options;

export const eventColumns: readonly Column<WebhookEvent>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'AGE', exactHeader: 'RECEIVED AT', value: (row) => new Date(row.received_at) },
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'FIELD', value: (row) => row.field },
  { header: 'PAGE', value: (row) => row.page_id },
  { header: 'LEADGEN', value: (row) => row.leadgen_id },
  {
    header: 'ERROR',
    value: ({ last_error: error }) => error && `${error.code}: ${error.message}`,
    wrap: true,
  },
  { header: 'FORM', value: (row) => row.form_id, wide: true },
  { header: 'OBJECT', value: (row) => row.object, wide: true },
  { header: 'CLIENT', value: (row) => row.client_id, wide: true },
  { header: 'LEAD', value: (row) => row.lead_id, wide: true, id: true },
  { header: 'TRIES', value: (row) => row.attempts, align: 'right', wide: true },
];

/** `leadctl webhook …`. */
export const defineWebhook: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'events', {
    summary:
      'List what Meta sent and what became of it, newest first; with --client its own and what is nobody’s',
    options: [
      { flags: '--status <status>', help: 'only these', choices: STATUSES },
      limitOption,
      allOption,
    ],
    input: z.object({ status: z.enum(STATUSES).optional(), ...listInput(50) }),
    reads: true,
    examples: ['leadctl webhook events', 'leadctl webhook events --status unmapped -o json'],
    run: async (ctx, { status, ...input }) => {
      const gateway = await connect(ctx);
      const { client } = ctx.flags;
      if (client !== undefined) {
        // Nobody reads "no events" for a client that was mistyped.
        const params = { client_id: client };
        bodyOf(await gateway.of(clientContract).call('getClient', { params }));
      }
      const webhook = gateway.of(webhookContract);
      const found = await listUpTo(
        (page) => webhook.call('listEvents', { query: { ...page, status } }),
        limitOf(input),
        // What is mapped to nobody may be this client's to map.
        ({ client_id: whose }) => client === undefined || whose === null || whose === client,
      );
      await ctx.render({
        rows: found.items,
        columns: eventColumns,
        name: ({ id }) => id,
        empty: 'No events found.',
      });
      await noteMore(ctx, found);
    },
  });
  const trigger = noun.command('trigger').description('Send test traffic through the sandbox');
  defineTrigger(trigger, cli);
};
