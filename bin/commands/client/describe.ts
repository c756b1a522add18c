import { clientContract } from '../../../daemons/client/contract.ts';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import * as z from 'zod';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { ApiError, bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { readStanding } from '../../client/dashboard.ts';
import { connect, type Gateway } from '../../client/gateway.ts';
import { type AskPage, listUpTo } from '../../client/paging.ts';
import type { Column } from '../../ui/columns.ts';
import { clientView } from './view.ts';
import { describe, section } from '../shared/describe.ts';
import { keyView } from '../key/view.ts';
import { memberView, withManagers } from '../member/view.ts';

const MOST = 200;

interface Count {
  readonly what: string;
  readonly count: number;
}

const countColumns: readonly Column<Count>[] = [
  { header: 'WHAT', value: (row) => row.what, keep: true },
  { header: 'COUNT', value: (row) => row.count, align: 'right' },
];

export const defineClientDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a client whole: members, API keys, how its leads and deliveries stand',
    args: [{ name: '<client_id>', help: 'the client', complete: 'clients' }],
    input: z.object({ clientId: clientIdSchema }),
    examples: ['leadctl client describe acme', 'leadctl client describe acme -o yaml'],
    run: async (ctx, { clientId }) => {
      const gateway = await connect(ctx);
      const params = { client_id: clientId };
      const item = bodyOf(await gateway.of(clientContract).call('getClient', { params }));
      const users = gateway.of(userContract);
      const leads = gateway.of(leadContract);
      const [members, keys, counts] = await Promise.all([
        visible((query) => users.call('listMembers', { params, query })),
        visible((query) => leads.call('listApiKeys', { params, query })),
        countsOf(gateway, clientId, ctx.now, ctx.interruption()),
      ]);
      await describe(ctx, { ...clientView, item }, [
        section('members', { ...memberView, rows: withManagers(members) }),
        section('api_keys', { ...keyView(ctx.now()), rows: keys }),
        section('standing', { columns: countColumns, name: ({ what }) => what, rows: counts }),
      ]);
    },
  });
};

/** What the caller may see of a list; nothing where that is nothing. */
async function visible<Item>(ask: AskPage<Item>): Promise<Item[]> {
  try {
    return (await listUpTo(ask, MOST)).items;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403) return [];
    throw error;
  }
}

async function countsOf(
  gateway: Gateway,
  clientId: string,
  now: () => Date,
  signal: AbortSignal,
): Promise<Count[]> {
  const { clients } = await readStanding(gateway, { clientId, newest: 1, now, signal });
  const [client] = clients;
  const byStatus = Object.entries(client?.deliveries?.by_status ?? {});
  return [
    { what: 'leads of the last hour', count: client?.leads?.total ?? 0 },
    ...byStatus.map(([status, count]) => ({ what: `deliveries ${status}`, count: count ?? 0 })),
  ];
}
