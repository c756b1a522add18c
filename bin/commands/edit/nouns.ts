import type * as z from 'zod';
import { clientContract } from '../../../daemons/client/contract.ts';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { findDestination } from '../../client/destinations.ts';
import { findCurrentKey } from '../../client/keys.ts';
import { findMember } from '../../client/members.ts';
import type { Gateway } from '../../client/gateway.ts';
import { findRole } from '../../client/roles.ts';
import type { ClientGateway } from '../../client/scope.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Something as it can be changed: its fields by the API's names. */
export interface Editable {
  readonly title: string;
  readonly fields: Fields;
  /** Of a change: the fields that differ. */
  readonly schema: z.ZodType;
  readonly save: (change: Fields) => Promise<void>;
}

export interface EditableNoun {
  readonly isOfClient: boolean;
  /** By id or name; asked again before it is saved. */
  readonly read: (gateway: ClientGateway, text: string) => Promise<Editable>;
}

const client: EditableNoun = {
  isOfClient: false,
  read: async (gateway, client_id) => {
    const api = gateway.of(clientContract);
    const params = { client_id };
    const { name, default_country } = bodyOf(await api.call('getClient', { params }));
    const { schema } = clientContract.routes.updateClient.body;
    return {
      title: `client ${client_id}`,
      fields: { name, default_country },
      schema,
      save: async (change) => {
        bodyOf(await api.call('updateClient', { params, body: schema.parse(change) }));
      },
    };
  },
};

const role: EditableNoun = {
  isOfClient: false,
  read: async (gateway: Gateway, text) => {
    const api = gateway.of(permissionContract);
    const { id, name, level, description } = await findRole(gateway, text);
    const { schema } = permissionContract.routes.updateRole.body;
    return {
      title: `role ${name}`,
      fields: { name, level, description },
      schema,
      save: async (change) => {
        const body = schema.parse(change);
        bodyOf(await api.call('updateRole', { params: { role_id: id }, body }));
      },
    };
  },
};

const destination: EditableNoun = {
  isOfClient: true,
  read: async (gateway, text) => {
    const found = await findDestination(gateway, text);
    const { name, enabled, on, filter, settings } = found;
    const { schema } = integrationContract.routes.changeDestination.body;
    return {
      title: `destination ${name} (${found.kind}) of ${gateway.clientId}`,
      fields: { name, enabled, on, filter, settings },
      schema,
      save: async (change) => {
        const params = { client_id: gateway.clientId, destination_id: found.id };
        const body = schema.parse(change);
        const api = gateway.of(integrationContract);
        bodyOf(await api.call('changeDestination', { params, body, query: {} }));
      },
    };
  },
};

const key: EditableNoun = {
  isOfClient: true,
  read: async (gateway, text) => {
    const { key: found } = await findCurrentKey(gateway, text);
    const { allowed_origins, scopes, rate_limit_per_minute } = found;
    const { schema } = leadContract.routes.updateApiKey.body;
    return {
      title: `API key ${found.name} of ${gateway.clientId}`,
      fields: { allowed_origins, scopes, rate_limit_per_minute },
      schema,
      save: async (change) => {
        const params = { client_id: gateway.clientId, key_id: found.id };
        const body = schema.parse(change);
        bodyOf(await gateway.of(leadContract).call('updateApiKey', { params, body }));
      },
    };
  },
};

const member: EditableNoun = {
  isOfClient: true,
  read: async (gateway, text) => {
    const found = await findMember(gateway, text);
    const { schema } = userContract.routes.updateMember.body;
    return {
      title: `member ${found.email} of ${gateway.clientId}`,
      fields: {
        role: found.role.name,
        reports_to_user_client_id: found.reports_to_user_client_id,
      },
      schema,
      save: async (change) => {
        const params = { client_id: gateway.clientId, user_client_id: found.id };
        const body = schema.parse(change);
        bodyOf(await gateway.of(userContract).call('updateMember', { params, body }));
      },
    };
  },
};

export const editables = { client, role, destination, key, member } as const;
export const EDITABLE = ['client', 'role', 'destination', 'key', 'member'] as const;
