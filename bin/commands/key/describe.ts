import * as z from 'zod';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { listUpTo } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import { findCurrentKey } from '../../client/keys.ts';
import { describe, section } from '../shared/describe.ts';
import { keyView } from './view.ts';
import { refusalView } from '../refusals/view.ts';

const MOST = 200;

export const defineKeyDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show an API key whole, and what was refused to its holders in the last day',
    args: [{ name: '<key>', help: 'name or id of the key', complete: 'keys' }],
    input: z.object({ key: z.string() }),
    examples: ['leadctl key describe website --client acme'],
    run: async (ctx, { key: text }) => {
      const gateway = await connectToClient(ctx);
      const { key: item } = await findCurrentKey(gateway, text);
      const params = { client_id: gateway.clientId };
      const refused = await listUpTo(
        (query) => gateway.of(leadContract).call('listRefusals', { params, query }),
        MOST,
      );
      await describe(ctx, { ...keyView(ctx.now()), item }, [
        section('refused', {
          ...refusalView,
          rows: refused.items.filter(({ api_key }) => api_key.id === item.id),
        }),
      ]);
    },
  });
};
