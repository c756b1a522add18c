import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { findDestination } from '../../client/destinations.ts';
import { connectToClient } from '../../client/scope.ts';
import type { Column } from '../../ui/columns.ts';
import { deliveryView } from '../delivery/view.ts';
import { describe, section } from '../shared/describe.ts';
import { destinationArgument } from './argument.ts';
import { noteTrouble } from './notes.ts';
import { wholeView } from './view.ts';

const NEWEST = 20;

interface Lane {
  readonly account: string;
  readonly waiting: number;
  readonly held_at: string | null;
  readonly held_message: string | null;
  readonly paused_until: string | null;
}

const laneColumns: readonly Column<Lane>[] = [
  { header: 'ACCOUNT', value: (row) => row.account, keep: true },
  { header: 'WAITING', value: (row) => row.waiting, align: 'right' },
  { header: 'HELD', value: (row) => (row.held_at === null ? null : new Date(row.held_at)) },
  { header: 'WHY', value: (row) => row.held_message, wrap: true },
  { header: 'PAUSED UNTIL', value: (row) => row.paused_until },
];

export const defineDestinationDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a destination whole: its settings, what waits for it, its newest deliveries',
    args: [destinationArgument],
    input: z.object({ destination: z.string() }),
    examples: ['leadctl destination describe crm --client acme'],
    run: async (ctx, { destination: text }) => {
      const gateway = await connectToClient(ctx);
      const integrations = gateway.of(integrationContract);
      const item = await findDestination(gateway, text);
      const params = { client_id: gateway.clientId };
      const [summary, deliveries] = await Promise.all([
        integrations.call('summariseDeliveries', { params }),
        integrations.call('listDeliveries', {
          params,
          query: { destination: item.id, limit: NEWEST },
        }),
      ]);
      const lanes = summary.ok ? summary.body.lanes : [];
      await describe(ctx, wholeView(item), [
        section('lanes', {
          columns: laneColumns,
          name: ({ account }) => account,
          rows: lanes.filter(({ destination }) => destination.id === item.id),
          empty: 'Nothing waits.',
        }),
        section('deliveries', {
          ...deliveryView,
          rows: deliveries.ok ? deliveries.body.data : [],
        }),
      ]);
      await noteTrouble(ctx, item);
    },
  });
};
