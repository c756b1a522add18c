import { type AuditEntryView, clientContract } from '../../../daemons/client/contract.ts';
import { listUpTo } from '../../client/paging.ts';
import { auditColumns } from '../../commands/audit/index.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';

export const audit = defineResource<AuditEntryView>({
  name: 'audit',
  title: 'Audit',
  summary: 'who changed what, and what strangers tried; of the client, or of all without one',
  isOfClient: false,
  needs: ['GET', '/api/clients/{client_id}/audit'],
  columns: auditColumns,
  id: ({ id }) => id,
  weigh: ({ actor_kind }) => (actor_kind === 'anonymous' ? 'warning' : 'usual'),
  load: ({ gateway, client, may }) => {
    const api = gateway.of(clientContract);
    return listUpTo(
      (query) =>
        client === undefined || may('GET', '/api/audit')
          ? api.call('listAudit', { query })
          : api.call('listClientAudit', { params: { client_id: client }, query }),
      MOST,
    );
  },
});
