import type { Reach } from '../../../lib/contract/route.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listAll } from '../../client/paging.ts';
import { nameKey, type ClientState, type PlatformState, type RoleState } from '../state.ts';
import type { PlatformApi } from './api.ts';
import { idKey, type Ids } from './ids.ts';
import { CONCURRENCY, forEachBounded } from './pool.ts';
import { readClient, type Parts } from './read-client.ts';

/** What is looked at; the rest is not asked for, and is empty in the answer. */
export interface Interest {
  readonly roles: boolean;
  /** Names of the roles whose grants matter. */
  readonly grantsOf: (role: string) => boolean;
  readonly catalogue: boolean;
  /** Which parts of a client matter; undefined when none of it does. */
  readonly partsOf: (clientId: string) => Parts | undefined;
}

export interface Snapshot {
  readonly state: PlatformState;
  readonly ids: Ids;
}

/** Reads what is there through the API. `onProgress` is told how many of the clients have been read. */
export async function readPlatform(
  api: PlatformApi,
  interest: Interest,
  onProgress: (done: number, total: number) => void,
): Promise<Snapshot> {
  const ids: Ids = new Map();
  const [roles, catalogue, clients] = await Promise.all([
    interest.roles ? readRoles(api, interest, ids) : { roles: new Map(), permissions: new Map() },
    interest.catalogue ? readCatalogue(api, ids) : new Set<string>(),
    readClients(api, interest, ids, onProgress),
  ]);
  return { state: { ...roles, catalogue, clients }, ids };
}

async function readRoles(
  api: PlatformApi,
  interest: Interest,
  ids: Ids,
): Promise<Pick<PlatformState, 'roles' | 'permissions'>> {
  const permissions = new Map<string, Reach>();
  const known = bodyOf(await api.permissions.call('listPermissions', {}));
  for (const { id, method, path, reach } of known) {
    permissions.set(`${method} ${path}`, reach);
    ids.set(idKey('permission', `${method} ${path}`), id);
  }
  const found = await collect(listAll((query) => api.permissions.call('listRoles', { query })));
  const roles = new Map<string, RoleState>();
  for (const { id, name, level, description } of found) {
    ids.set(idKey('role', name), id);
    roles.set(name, { level: Number(level), description, grants: undefined });
  }
  const asked = found.filter(({ name }) => interest.grantsOf(name));
  await forEachBounded(asked, CONCURRENCY, async ({ id, name }) => {
    const params = { role_id: id };
    const held = bodyOf(await api.permissions.call('getRolePermissions', { params }));
    const role = roles.get(name);
    const grants = new Set(held.permissions.map(({ method, path }) => `${method} ${path}`));
    if (role) roles.set(name, { ...role, grants });
  });
  return { roles, permissions };
}

async function readCatalogue({ products }: PlatformApi, ids: Ids): Promise<Set<string>> {
  const [industries, categories, all] = await Promise.all([
    collect(listAll((query) => products.call('listIndustries', { query }))),
    collect(listAll((query) => products.call('listCategories', { query }))),
    collect(listAll((query) => products.call('listProducts', { query }))),
  ]);
  const paths = new Map<string, readonly string[]>();
  const add = (id: string, path: readonly string[]): void => {
    paths.set(id, path);
    ids.set(idKey('catalogue', nameKey(path)), id);
  };
  for (const { id, name } of industries) add(id, [name]);
  for (const { id, name, industry_id } of categories)
    add(id, [...(paths.get(industry_id) ?? []), name]);
  for (const { id, name, category_id } of all) add(id, [...(paths.get(category_id) ?? []), name]);
  return new Set([...paths.values()].map(nameKey));
}

async function readClients(
  api: PlatformApi,
  interest: Interest,
  ids: Ids,
  onProgress: (done: number, total: number) => void,
): Promise<Map<string, ClientState>> {
  const listed = await collect(listAll((query) => api.clients.call('listClients', { query })));
  const wanted = listed.filter(({ client_id }) => interest.partsOf(client_id) !== undefined);
  const clients = new Map<string, ClientState>();
  let done = 0;
  await forEachBounded(wanted, CONCURRENCY, async (client) => {
    const clientId = clientIdSchema.parse(client.client_id);
    const parts = await readClient(api, clientId, interest.partsOf(clientId) ?? {}, ids);
    const { name, status, default_country: defaultCountry } = client;
    clients.set(clientId, { name, status, defaultCountry, ...parts });
    done += 1;
    onProgress(done, wanted.length);
  });
  // In the order of the list, so that what is printed is the same every time.
  return new Map([...clients].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
