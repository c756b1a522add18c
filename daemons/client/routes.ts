import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import type { AuditReader } from './audit/service.ts';
import type { ClientContract } from './contract.ts';
import type { ManifestSets } from './manifest-sets/service.ts';
import type { ClientService } from './service.ts';

export interface ClientRouteDeps {
  readonly clients: ClientService;
  readonly audit: AuditReader;
  readonly sets: ManifestSets;
}

export function clientRoutes({ clients, audit, sets }: ClientRouteDeps): Handlers<ClientContract> {
  return {
    createClient: ({ body, actor, call }) => clients.create(by(actor, call), body),

    listClients: ({ query, actor }) => clients.list(actor, query),

    getClient: ({ params }) => clients.get(params.client_id),

    updateClient: ({ params, body, actor, call }) =>
      clients.update(by(actor, call), params.client_id, body),

    async archiveClient({ params, actor, call }) {
      const change = { status: 'archived' } as const;
      const client = await clients.update(by(actor, call), params.client_id, change);
      return isFailure(client) ? client : undefined;
    },

    clientAvailability: ({ params }) => clients.availability(params.client_id),

    listAudit: ({ query }) => audit.listAll(query),

    listClientAudit: ({ params, query }) => audit.listOfClient(params.client_id, query),

    listSetEntries: ({ params, query }) => sets.list(params.set, query),

    async claimSetEntries({ params, body, actor, call }) {
      await sets.claim(by(actor, call), params.set, body.entries);
    },

    async releaseSetEntries({ params, body, actor, call }) {
      await sets.release(by(actor, call), params.set, body.entries);
    },
  };
}
