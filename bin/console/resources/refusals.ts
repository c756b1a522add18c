import { leadContract, type RefusalView } from '../../../daemons/lead/contract.ts';
import { listUpTo } from '../../client/paging.ts';
import { refusalView } from '../../commands/refusals/view.ts';
import { inClient } from '../env.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';

export const refusals = defineResource<RefusalView>({
  name: 'refusals',
  aliases: ['refused'],
  title: 'Refused in the last day',
  summary: 'what forms were told no to, by key, origin, address and reason',
  isOfClient: true,
  needs: ['GET', '/api/clients/{client_id}/refusals'],
  columns: refusalView.columns,
  id: ({ api_key, reason, origin, ip }) => [api_key.id, reason, origin, ip].join(' '),
  weigh: () => 'warning',
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(leadContract).call('listRefusals', { params, query }),
      MOST,
    );
  },
});
