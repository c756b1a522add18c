import {
  namesOf,
  nameKey,
  sourceKey,
  Secret,
  type ClientState,
  type PlatformState,
} from '../state.ts';
import type { Operation } from '../step.ts';

/** The platform in memory, with the server's rules: an operation that it would refuse throws. */
export function applyOperation(state: PlatformState, operation: Operation): void {
  if (isClientOperation(operation)) {
    return applyInClient(state, found(state.clients.get(operation.clientId)), operation);
  }
  switch (operation.op) {
    case 'role.create':
      must(!state.roles.has(operation.name), 'role exists');
      state.roles.set(operation.name, {
        level: operation.level,
        description: operation.description,
        grants: new Set(),
      });
      return;
    case 'role.update': {
      const { op: _op, name, ...patch } = operation;
      state.roles.set(name, { ...found(state.roles.get(name)), ...patch });
      return;
    }
    case 'role.remove': {
      const used = [...state.clients.values()].flatMap(({ members }) => [...members.values()]);
      must(!used.some(({ role }) => role === operation.name), 'role in use');
      must(state.roles.delete(operation.name), 'no role');
      return;
    }
    case 'grants.set': {
      const role = found(state.roles.get(operation.role));
      state.roles.set(operation.role, { ...role, grants: new Set(operation.permissions) });
      return;
    }
    case 'catalogue.create': {
      const key = nameKey(operation.path);
      const parent = operation.path.slice(0, -1);
      must(parent.length === 0 || state.catalogue.has(nameKey(parent)), 'no parent');
      must(!state.catalogue.has(key), 'exists');
      state.catalogue.add(key);
      return;
    }
    case 'catalogue.remove': {
      const { path } = operation;
      const isInside = (key: string): boolean =>
        namesOf(key).length > path.length && path.every((name, at) => namesOf(key)[at] === name);
      must(![...state.catalogue].some(isInside), 'not empty');
      const offered = [...state.clients.values()].some(({ products }) =>
        products.has(nameKey(path)),
      );
      must(!offered, 'offered by a client');
      must(state.catalogue.delete(nameKey(path)), 'not there');
      return;
    }
    case 'client.create': {
      must(!state.clients.has(operation.clientId), 'client exists');
      const { clientId, name, status, defaultCountry } = operation;
      state.clients.set(clientId, { ...emptyClient(), name, status, defaultCountry });
      return;
    }
    case 'client.update': {
      const client = found(state.clients.get(operation.clientId));
      state.clients.set(operation.clientId, { ...client, ...operation.patch });
      return;
    }
  }
}

export function emptyClient(): ClientState {
  return {
    name: '',
    status: 'active',
    defaultCountry: null,
    members: new Map(),
    products: new Map(),
    apiKeys: new Map(),
    metaSources: new Set(),
    integrations: new Map(),
  };
}

type ClientOperation = Exclude<
  Operation,
  { op: `role.${string}` | `catalogue.${string}` | `client.${string}` | 'grants.set' }
>;

function isClientOperation(operation: Operation): operation is ClientOperation {
  return !/^(role|grants|catalogue|client)\./.test(operation.op);
}

function applyInClient(
  state: PlatformState,
  client: ClientState,
  operation: ClientOperation,
): void {
  const { members, products, apiKeys, metaSources, integrations } = client;
  switch (operation.op) {
    case 'member.create': {
      const { email, role, reportsTo } = operation;
      must(!members.has(email), 'member exists');
      must(state.roles.has(role), 'no role');
      must(reportsTo === null || members.has(reportsTo), 'no manager');
      members.set(email, { role, reportsTo });
      return;
    }
    case 'member.update': {
      const { op: _op, clientId: _id, email, ...patch } = operation;
      const member = { ...found(members.get(email)), ...patch };
      must(state.roles.has(member.role), 'no role');
      must(member.reportsTo === null || members.has(member.reportsTo), 'no manager');
      for (let at = member.reportsTo; at !== null; at = found(members.get(at)).reportsTo) {
        must(at !== email, 'hierarchy_cycle');
      }
      members.set(email, member);
      return;
    }
    case 'member.remove': {
      const { reportsTo: manager } = found(members.get(operation.email));
      members.delete(operation.email);
      for (const [email, member] of members) {
        if (member.reportsTo === operation.email)
          members.set(email, { ...member, reportsTo: manager });
      }
      return;
    }
    case 'client_product.put':
      must(state.catalogue.has(nameKey(operation.path)), 'no product');
      products.set(nameKey(operation.path), operation.enabled);
      return;
    case 'client_product.remove':
      must(products.delete(nameKey(operation.path)), 'not attached');
      return;
    case 'api_key.create':
      must(!apiKeys.has(operation.name), 'key exists');
      apiKeys.set(operation.name, {
        scopes: ['leads:ingest'],
        allowedOrigins: [],
        rateLimitPerMinute: null,
        expiresAt: null,
        ...operation.settings,
      });
      return;
    case 'api_key.update':
      apiKeys.set(operation.name, { ...found(apiKeys.get(operation.name)), ...operation.settings });
      return;
    case 'api_key.remove':
      must(apiKeys.delete(operation.name), 'no key');
      return;
    case 'meta_source.create':
      metaSources.add(sourceKey(operation.page, operation.form));
      return;
    case 'meta_source.remove':
      must(metaSources.delete(sourceKey(operation.page, operation.form)), 'no source');
      return;
    case 'integrations.update':
      for (const [path, value] of operation.values) {
        if (value === null) integrations.delete(path);
        else if (value instanceof Secret) {
          integrations.set(path, { secret: true, fingerprint: value.fingerprint });
        } else integrations.set(path, value);
      }
  }
}

function must(condition: boolean, refusal: string): void {
  if (!condition) throw new Error(`the server would refuse: ${refusal}`);
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the server would refuse: not found');
  return value;
}
