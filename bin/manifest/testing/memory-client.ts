import { reply } from '../../../lib/contract/handler.ts';
import { clientContract } from '../../../daemons/client/contract.ts';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { productContract } from '../../../daemons/product/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import {
  missing,
  nothing,
  NOW,
  page,
  refused,
  type Ids,
  type MemoryClient,
  type MemoryState,
} from './memory-state.ts';
import { destinationRoutes } from './memory-destinations.ts';
import { serve, type Answering } from './serve.ts';

const emptyClient = (): Pick<
  MemoryClient,
  'members' | 'products' | 'keys' | 'sources' | 'integrations' | 'destinations'
> => ({
  members: new Map(),
  products: new Map(),
  keys: new Map(),
  sources: new Map(),
  integrations: new Map(),
  destinations: new Map(),
});

/** Clients and all that is in them. */
export function memoryClientRoutes(state: MemoryState, ids: Ids): Answering[] {
  const at = (clientId: string): MemoryClient => {
    const client = state.clients.get(clientId);
    if (client === undefined) throw new Error(`no client ${clientId}`);
    return client;
  };
  return [
    clientRoutes(state),
    memberRoutes(state, ids, at),
    productRoutes(state, ids, at),
    keyRoutes(ids, at),
    integrationRoutes(ids, at),
    destinationRoutes(ids, at),
  ];
}

type At = (clientId: string) => MemoryClient;

function clientRoutes({ clients }: MemoryState): Answering {
  const view = (client_id: string, { name, status, default_country }: MemoryClient) => ({
    client_id,
    name,
    status,
    default_country,
    created_at: NOW,
    updated_at: NOW,
  });
  return serve(clientContract, {
    listClients: () => page([...clients].map(([id, client]) => view(id, client))),
    createClient({ body: { client_id, ...rest } }) {
      if (clients.has(client_id)) return refused('there is such a client');
      const client = { ...emptyClient(), ...rest };
      clients.set(client_id, client);
      return view(client_id, client);
    },
    updateClient({ params: { client_id }, body }) {
      const client = clients.get(client_id);
      if (client === undefined) return missing();
      if (body.name !== undefined) client.name = body.name;
      if (body.status !== undefined) client.status = body.status;
      if (body.default_country !== undefined) client.default_country = body.default_country;
      return view(client_id, client);
    },
  });
}

function memberRoutes({ roles }: MemoryState, ids: Ids, at: At): Answering {
  const view = (client_id: string, email: string) => {
    const { role = '', manager = null } = at(client_id).members.get(email) ?? {};
    return {
      id: ids.of('member', client_id, email),
      user_id: ids.of('user', email),
      email,
      user_status: 'invited' as const,
      client_id,
      role: { id: ids.of('role', role), name: role, level: '1' },
      reports_to_user_client_id: manager === null ? null : ids.of('member', client_id, manager),
    };
  };
  const managerOf = (id: string | null | undefined) => (id == null ? null : ids.last(id));
  return serve(userContract, {
    listMembers: ({ params: { client_id } }) =>
      page([...at(client_id).members.keys()].map((email) => view(client_id, email))),
    createMember({ params: { client_id }, body: { email = '', role = '', ...rest } }) {
      const { members } = at(client_id);
      const manager = managerOf(rest.reports_to_user_client_id);
      if (members.has(email)) return refused('is a member');
      if (!roles.has(role) || (manager !== null && !members.has(manager))) return missing();
      members.set(email, { role, manager });
      return view(client_id, email);
    },
    updateMember({ params: { client_id, user_client_id }, body }) {
      const { members } = at(client_id);
      const email = ids.last(user_client_id);
      const before = members.get(email);
      if (before === undefined) return missing();
      const { reports_to_user_client_id: to } = body;
      const after = {
        role: body.role ?? before.role,
        manager: to === undefined ? before.manager : managerOf(to),
      };
      if (!roles.has(after.role)) return missing();
      for (let up = after.manager; up !== null; up = members.get(up)?.manager ?? null) {
        if (up === email) return refused('a loop');
      }
      members.set(email, after);
      return view(client_id, email);
    },
    removeMember({ params: { client_id, user_client_id } }) {
      const { members } = at(client_id);
      const email = ids.last(user_client_id);
      const gone = members.get(email);
      if (gone === undefined) return missing();
      members.delete(email);
      for (const member of members.values()) {
        if (member.manager === email) member.manager = gone.manager;
      }
      return nothing;
    },
  });
}

function productRoutes({ catalogue }: MemoryState, ids: Ids, at: At): Answering {
  const view = (client_id: string, path: string, enabled: boolean) => {
    const [industry = '', category = '', product = ''] = path.split('/');
    return {
      client_id,
      industry,
      category,
      product,
      enabled,
      attached_at: NOW,
      product_id: ids.of('catalogue', path),
      category_id: ids.of('catalogue', `${industry}/${category}`),
      industry_id: ids.of('catalogue', industry),
    };
  };
  return serve(productContract, {
    listClientProducts: ({ params: { client_id } }) =>
      page([...at(client_id).products].map(([path, enabled]) => view(client_id, path, enabled))),
    putClientProduct({ params: { client_id, product_id }, body: { enabled } }) {
      const path = ids.last(product_id);
      if (!catalogue.has(path)) return missing();
      at(client_id).products.set(path, enabled);
      return reply(200, view(client_id, path, enabled));
    },
    detachClientProduct: ({ params: { client_id, product_id } }) =>
      at(client_id).products.delete(ids.last(product_id)) ? nothing : missing(),
  });
}

function keyRoutes(ids: Ids, at: At): Answering {
  const view = (client_id: string, name: string) => {
    const key = at(client_id).keys.get(name);
    if (key === undefined) throw new Error(`no key ${name}`);
    return {
      id: ids.of('key', client_id, name),
      client_id,
      name,
      key_prefix: 'x',
      ...key,
      created_at: NOW,
      revoked_at: null,
      last_used_at: null,
    };
  };
  return serve(leadContract, {
    listApiKeys: ({ params: { client_id } }) =>
      page([...at(client_id).keys.keys()].map((name) => view(client_id, name))),
    createApiKey({ params: { client_id }, body }) {
      const { name, scopes, allowed_origins, rate_limit_per_minute, expires_at } = body;
      if (at(client_id).keys.has(name)) return refused('there is such a key');
      at(client_id).keys.set(name, {
        scopes,
        allowed_origins,
        expires_at: expires_at ?? null,
        rate_limit_per_minute,
      });
      return { ...view(client_id, name), key: `x_live_${name}` };
    },
    updateApiKey({ params: { client_id, key_id }, body }) {
      const name = ids.last(key_id);
      const key = at(client_id).keys.get(name);
      if (key === undefined) return missing();
      if (body.scopes) key.scopes = body.scopes;
      if (body.allowed_origins) key.allowed_origins = body.allowed_origins;
      if (body.expires_at !== undefined) key.expires_at = body.expires_at;
      if (body.rate_limit_per_minute !== undefined) {
        key.rate_limit_per_minute = body.rate_limit_per_minute;
      }
      return view(client_id, name);
    },
    revokeApiKey: ({ params: { client_id, key_id } }) =>
      at(client_id).keys.delete(ids.last(key_id)) ? nothing : missing(),
  });
}

function integrationRoutes(ids: Ids, at: At): Answering {
  const source = (client_id: string, key: string) => {
    const { page_id = '', form_id = null } = at(client_id).sources.get(key) ?? {};
    const id = ids.of('source', client_id, key);
    return { id, client_id, page_id, form_id, reconciled_until: null, created_at: NOW };
  };
  const view = (client_id: string) => {
    const { integrations } = at(client_id);
    const text = (path: string): string | null => {
      const value = integrations.get(path);
      return typeof value === 'string' ? value : null;
    };
    const template = integrations.get('template');
    return {
      client_id,
      whatsapp_enabled: integrations.get('whatsapp_enabled') === true,
      google_sheets_enabled: false,
      google_sheet_id: text('google_sheet_id'),
      meta_page_id: null,
      meta_form_id: null,
      config: {
        whatsapp: {
          phone_number_id: text('phone_number_id'),
          waba_id: null,
          access_token: null,
          template: template == null ? null : Object(template),
        },
        google_sheets: { sheet_name: null, columns: null, service_account: null },
        meta: { page_access_token: null },
      },
      version: 1,
      updated_at: NOW,
      held: [],
      warnings: [],
    };
  };
  return serve(integrationContract, {
    getIntegrations: ({ params }) => view(params.client_id),
    patchIntegrations({ params: { client_id }, body: { config, ...own } }) {
      const { integrations } = at(client_id);
      for (const [path, value] of Object.entries({ ...own, ...config?.whatsapp })) {
        if (value === null) integrations.delete(path);
        else integrations.set(path, value);
      }
      return view(client_id);
    },
    listMetaSources: ({ params: { client_id } }) =>
      page([...at(client_id).sources.keys()].map((key) => source(client_id, key))),
    addMetaSource({ params: { client_id }, body: { page_id, form_id = null } }) {
      const key = JSON.stringify([page_id, form_id]);
      at(client_id).sources.set(key, { page_id, form_id });
      return reply(201, source(client_id, key));
    },
    removeMetaSourceById: ({ params: { client_id, source_id } }) =>
      at(client_id).sources.delete(ids.last(source_id)) ? nothing : missing(),
  });
}
