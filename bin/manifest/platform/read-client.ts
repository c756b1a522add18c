import type { ClientId } from '../../../lib/core/ids.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listAll } from '../../client/paging.ts';
import { flatten, SECRET_PATHS } from '../plan/integrations.ts';
import {
  nameKey,
  sourceKey,
  type ApiKeyState,
  type ClientState,
  type IntegrationValue,
  type MemberState,
  type SecretMark,
} from '../state.ts';
import type { PlatformApi } from './api.ts';
import { idKey, type Ids } from './ids.ts';

/** The lists of a client that are worth a request. */
export interface Parts {
  readonly members?: boolean;
  readonly products?: boolean;
  readonly apiKeys?: boolean;
  readonly metaSources?: boolean;
  readonly integrations?: boolean;
}

type Lists = Omit<ClientState, 'name' | 'status' | 'defaultCountry'>;

export async function readClient(
  api: PlatformApi,
  clientId: ClientId,
  parts: Parts,
  ids: Ids,
): Promise<Lists> {
  const of = <T>(isWanted: boolean | undefined, read: () => Promise<T>, nothing: T): Promise<T> =>
    isWanted ? read() : Promise.resolve(nothing);
  return {
    members: await of(parts.members, () => readMembers(api, clientId, ids), new Map()),
    products: await of(parts.products, () => readProducts(api, clientId), new Map()),
    apiKeys: await of(parts.apiKeys, () => readApiKeys(api, clientId, ids), new Map()),
    metaSources: await of(parts.metaSources, () => readSources(api, clientId, ids), new Set()),
    integrations: await of(parts.integrations, () => readIntegrations(api, clientId), new Map()),
  };
}

async function readMembers(
  { users }: PlatformApi,
  clientId: ClientId,
  ids: Ids,
): Promise<Map<string, MemberState>> {
  const params = { client_id: clientId };
  const emails = new Map<string, string>();
  const found: { email: string; role: string; managerId: string | null }[] = [];
  for await (const member of listAll((query) => users.call('listMembers', { params, query }))) {
    const { id, email, role, reports_to_user_client_id: managerId } = member;
    emails.set(id, email);
    ids.set(idKey('member', clientId, email), id);
    found.push({ email, role: role.name, managerId });
  }
  return new Map(
    found.map(({ email, role, managerId }) => [
      email,
      { role, reportsTo: managerId === null ? null : (emails.get(managerId) ?? null) },
    ]),
  );
}

async function readProducts(
  { products }: PlatformApi,
  clientId: ClientId,
): Promise<Map<string, boolean>> {
  const params = { client_id: clientId };
  const found = new Map<string, boolean>();
  const list = listAll((query) => products.call('listClientProducts', { params, query }));
  for await (const { industry, category, product, enabled } of list) {
    found.set(nameKey([industry, category, product]), enabled);
  }
  return found;
}

/** Live keys; of those that share a name during a rotation the newest, which is listed first. */
async function readApiKeys(
  { keys }: PlatformApi,
  clientId: ClientId,
  ids: Ids,
): Promise<Map<string, ApiKeyState>> {
  const params = { client_id: clientId };
  const found = new Map<string, ApiKeyState>();
  for await (const key of listAll((query) => keys.call('listApiKeys', { params, query }))) {
    if (key.revoked_at !== null || found.has(key.name)) continue;
    ids.set(idKey('api_key', clientId, key.name), key.id);
    found.set(key.name, {
      scopes: key.scopes.toSorted(),
      allowedOrigins: key.allowed_origins.toSorted(),
      rateLimitPerMinute: key.rate_limit_per_minute,
      expiresAt: key.expires_at,
    });
  }
  return found;
}

async function readSources(
  { integrations }: PlatformApi,
  clientId: ClientId,
  ids: Ids,
): Promise<Set<string>> {
  const params = { client_id: clientId };
  const found = new Set<string>();
  const list = listAll((query) => integrations.call('listMetaSources', { params, query }));
  for await (const { id, page_id: page, form_id: form } of list) {
    found.add(sourceKey(page, form));
    ids.set(idKey('meta_source', clientId, sourceKey(page, form)), id);
  }
  return found;
}

async function readIntegrations(
  api: PlatformApi,
  clientId: ClientId,
): Promise<Map<string, IntegrationValue>> {
  const params = { client_id: clientId };
  const {
    client_id: _id,
    version: _version,
    updated_at: _at,
    held: _held,
    warnings: _warnings,
    config,
    ...own
  } = bodyOf(await api.integrations.call('getIntegrations', { params }));
  const values = flatten({ ...own, ...config });
  for (const [path, value] of values) {
    if (value === null) values.delete(path);
    else if (SECRET_PATHS.has(path)) values.set(path, toMark(value));
  }
  return values;
}

function toMark(value: unknown): SecretMark {
  const fingerprint =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'fingerprint') : undefined;
  return { secret: true, fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined };
}
