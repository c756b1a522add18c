import type * as z from 'zod';
import { clientContract } from '../../../daemons/client/contract.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { listEvery } from '../../client/paging.ts';
import { changesBetween } from '../engine/changes.ts';
import { ref, type Ref, type Wanted } from '../thing.ts';
import { done, pick } from './answers.ts';
import type { Kind } from './kind.ts';

const change = clientContract.routes.updateClient.body.schema.shape;

/** A client without what it has. */
export const clientShape = {
  client_id: clientContract.routes.createClient.body.schema.shape.client_id,
  name: clientContract.routes.createClient.body.schema.shape.name,
  status: change.status,
  default_country: change.default_country,
};
type ClientSpec = z.output<z.ZodObject<typeof clientShape>>;

export function clientRef(clientId: ClientSpec['client_id']): Ref<typeof clientId> {
  return ref('client', clientId, clientId);
}

export const client: Kind<null> = {
  name: 'client',
  async read({ api: { clients } }) {
    const all = await listEvery((query) => clients.call('listClients', { query }));
    const sorted = all.toSorted((a, b) => (a.client_id < b.client_id ? -1 : 1));
    return sorted.map(({ name, status, default_country, ...rest }) => {
      const clientId = clientIdSchema.parse(rest.client_id);
      const params = { client_id: clientId };
      return {
        ...clientRef(clientId),
        fields: { name, status, default_country },
        isArchived: status === 'archived',
        entry: {
          client_id: clientId,
          name,
          ...(status === 'active' ? {} : { status }),
          ...(default_country === null ? {} : { default_country }),
        },
        whenRemoved: [{ field: 'status', from: null, to: 'archived' }],
        remove: () => done(clients.call('updateClient', { params, body: { status: 'archived' } })),
      };
    });
  },
};

export function clientThing(spec: ClientSpec): Wanted {
  const { client_id, name, default_country } = spec;
  const { status = 'active' } = spec;
  const fields = { name, status, default_country };
  return {
    ...clientRef(client_id),
    fields,
    // A suspension is an operator's doing and stays; an archived client that is wanted is to be there again.
    changes: (found) => {
      const isLeft = spec.status === undefined && found?.fields['status'] === 'suspended';
      return changesBetween(found?.fields, isLeft ? { name, default_country } : fields);
    },
    make: ({ api }) => {
      const body = { client_id, name, status, default_country: default_country ?? null };
      return done(api.clients.call('createClient', { body }));
    },
    change: ({ api }, changed) => {
      const params = { client_id };
      return done(api.clients.call('updateClient', { params, body: pick(fields, changed) }));
    },
  };
}
