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
    async createClient({ body, actor, call }) {
      const client = await clients.create(by(actor, call), body);
      return isFailure(client) ? client : { status: 201, body: client };
    },

    async listClients({ query, actor }) {
      const page = await clients.list(actor, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async getClient({ params }) {
      const client = await clients.get(params.client_id);
      return isFailure(client) ? client : { status: 200, body: client };
    },

    async updateClient({ params, body, actor, call }) {
      const client = await clients.update(by(actor, call), params.client_id, body);
      return isFailure(client) ? client : { status: 200, body: client };
    },

    async archiveClient({ params, actor, call }) {
      const change = { status: 'archived' } as const;
      const client = await clients.update(by(actor, call), params.client_id, change);
      return isFailure(client) ? client : { status: 204 };
    },

    async clientAvailability({ params }) {
      return { status: 200, body: await clients.availability(params.client_id) };
    },

    async listAudit({ query }) {
      const page = await audit.listAll(query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async listClientAudit({ params, query }) {
      const page = await audit.listOfClient(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async listSetEntries({ params, query }) {
      const page = await sets.list(params.set, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async claimSetEntries({ params, body, actor, call }) {
      await sets.claim(by(actor, call), params.set, body.entries);
      return { status: 204 };
    },

    async releaseSetEntries({ params, body, actor, call }) {
      await sets.release(by(actor, call), params.set, body.entries);
      return { status: 204 };
    },
  };
}
