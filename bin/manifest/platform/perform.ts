import { clientIdSchema } from '../../../lib/core/ids.ts';
import type { Problem } from '../../../lib/core/problem.ts';
import { nameKey, Secret, sourceKey, type ApiKeyState, type IntegrationValue } from '../state.ts';
import type { Operation } from '../step.ts';
import type { PlatformApi } from './api.ts';
import { idKey, type Ids } from './ids.ts';
import { performMember } from './perform-member.ts';

/** What can be shown once only, so it goes to the person at once. */
export type OneTime =
  | { readonly kind: 'api_key'; clientId: string; name: string; key: string }
  | { readonly kind: 'invitation'; clientId: string; email: string; token: string; expiresAt: string };

export type Outcome =
  | { readonly ok: true; readonly oneTime?: OneTime }
  | { readonly ok: false; readonly problem: Problem };

type Answer = { readonly ok: true } | { readonly ok: false; readonly problem: Problem };

/** Does one operation; rejects only where no answer came. The ids of what it makes go into `ids`. */
export async function perform(api: PlatformApi, ids: Ids, operation: Operation): Promise<Outcome> {
  const idOf = (key: string): string => {
    const id = ids.get(key);
    if (id === undefined) throw new Error(`the id of ${key} is not known`);
    return id;
  };
  switch (operation.op) {
    case 'role.create': {
      const { name, level, description } = operation;
      const body = { name, level, description };
      return made(await api.permissions.call('createRole', { body }), ids, idKey('role', name));
    }
    case 'role.update': {
      const { op: _op, name, ...body } = operation;
      const params = { role_id: idOf(idKey('role', name)) };
      return done(await api.permissions.call('updateRole', { params, body }));
    }
    case 'role.remove': {
      const params = { role_id: idOf(idKey('role', operation.name)) };
      return gone(await api.permissions.call('deleteRole', { params }));
    }
    case 'grants.set': {
      const params = { role_id: idOf(idKey('role', operation.role)) };
      const permission_ids = operation.permissions.map((one) => idOf(idKey('permission', one)));
      return done(await api.permissions.call('setRolePermissions', { params, body: { permission_ids } }));
    }
    case 'catalogue.create':
    case 'catalogue.remove':
      return await performCatalogue(api, ids, operation, idOf);
    case 'client.create': {
      const { clientId: client_id, name, status, defaultCountry: default_country } = operation;
      const body = { client_id, name, status, default_country };
      return done(await api.clients.call('createClient', { body }));
    }
    case 'client.update': {
      const { name, status, defaultCountry } = operation.patch;
      const body = {
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(defaultCountry === undefined ? {} : { default_country: defaultCountry }),
      };
      return done(await api.clients.call('updateClient', { params: inClient(operation), body }));
    }
    case 'member.create':
    case 'member.update':
    case 'member.remove':
      return await performMember(api, ids, operation, idOf);
    case 'client_product.put':
    case 'client_product.remove': {
      const product_id = idOf(idKey('catalogue', nameKey(operation.path)));
      const params = { ...inClient(operation), product_id };
      if (operation.op === 'client_product.remove') {
        return gone(await api.products.call('detachClientProduct', { params }));
      }
      const body = { enabled: operation.enabled };
      return done(await api.products.call('putClientProduct', { params, body }));
    }
    case 'api_key.create': {
      const { clientId, name, prefix, settings } = operation;
      const { rate_limit_per_minute: rate, expires_at: end, ...rest } = keyBody(settings);
      const body = {
        name,
        ...rest,
        ...(prefix === undefined ? {} : { prefix }),
        ...(rate == null ? {} : { rate_limit_per_minute: rate }),
        ...(end == null ? {} : { expires_at: end }),
      };
      const answer = await api.keys.call('createApiKey', { params: inClient(operation), body });
      if (!answer.ok) return answer;
      ids.set(idKey('api_key', clientId, name), answer.body.id);
      return { ok: true, oneTime: { kind: 'api_key', clientId, name, key: answer.body.key } };
    }
    case 'api_key.update':
    case 'api_key.remove': {
      const key_id = idOf(idKey('api_key', operation.clientId, operation.name));
      const params = { ...inClient(operation), key_id };
      if (operation.op === 'api_key.remove') return gone(await api.keys.call('revokeApiKey', { params }));
      return done(await api.keys.call('updateApiKey', { params, body: keyBody(operation.settings) }));
    }
    case 'meta_source.create': {
      const { clientId, page: page_id, form: form_id } = operation;
      const body = { page_id, form_id };
      const params = inClient(operation);
      const answer = await api.integrations.call('addMetaSource', { params, body });
      return made(answer, ids, idKey('meta_source', clientId, sourceKey(page_id, form_id)));
    }
    case 'meta_source.remove': {
      const { clientId, page, form } = operation;
      const source_id = idOf(idKey('meta_source', clientId, sourceKey(page, form)));
      const params = { ...inClient(operation), source_id };
      return gone(await api.integrations.call('removeMetaSourceById', { params }));
    }
    case 'integrations.update': {
      const body = integrationsBody(operation.values);
      return done(await api.integrations.call('patchIntegrations', { params: inClient(operation), body }));
    }
  }
}

export function inClient({ clientId }: { readonly clientId: string }) {
  return { client_id: clientIdSchema.parse(clientId) };
}

async function performCatalogue(
  { products }: PlatformApi,
  ids: Ids,
  { op, path }: Extract<Operation, { op: 'catalogue.create' | 'catalogue.remove' }>,
  idOf: (key: string) => string,
): Promise<Outcome> {
  const own = idKey('catalogue', nameKey(path));
  const parent = (): string => idOf(idKey('catalogue', nameKey(path.slice(0, -1))));
  const name = path.at(-1) ?? '';
  if (op === 'catalogue.create') {
    if (path.length === 1) return made(await products.call('createIndustry', { body: { name } }), ids, own);
    if (path.length === 2) {
      const body = { name, industry_id: parent() };
      return made(await products.call('createCategory', { body }), ids, own);
    }
    const body = { name, category_id: parent() };
    return made(await products.call('createProduct', { body }), ids, own);
  }
  const id = idOf(own);
  if (path.length === 1) return gone(await products.call('deleteIndustry', { params: { industry_id: id } }));
  if (path.length === 2) return gone(await products.call('deleteCategory', { params: { category_id: id } }));
  return gone(await products.call('deleteProduct', { params: { product_id: id } }));
}

function keyBody(settings: Partial<ApiKeyState>) {
  const { scopes, allowedOrigins, rateLimitPerMinute, expiresAt } = settings;
  return {
    ...(scopes === undefined ? {} : { scopes: scopes.map(toScope) }),
    ...(allowedOrigins === undefined ? {} : { allowed_origins: [...allowedOrigins] }),
    ...(rateLimitPerMinute === undefined ? {} : { rate_limit_per_minute: rateLimitPerMinute }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}

const toScope = (scope: string) => (scope === 'leads:read' ? scope : 'leads:ingest');

/** `a` and `whatsapp.b` as `{a, config: {whatsapp: {b}}}`. */
function integrationsBody(values: ReadonlyMap<string, IntegrationValue>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const config: Record<string, Record<string, unknown>> = {};
  for (const [path, given] of values) {
    const value = given instanceof Secret ? given.reveal() : given;
    const [group = '', field] = path.split('.');
    if (field === undefined) body[group] = value;
    else (config[group] ??= {})[field] = value;
  }
  return Object.keys(config).length === 0 ? body : { ...body, config };
}

export function done(answer: Answer): Outcome {
  return answer.ok ? { ok: true } : answer;
}

/** What is not there any more is removed, whoever did it. */
export function gone(answer: Answer): Outcome {
  return answer.ok || answer.problem.status === 404 ? { ok: true } : answer;
}

function made(
  answer: { readonly ok: true; readonly body: { readonly id: string } } | Extract<Outcome, { ok: false }>,
  ids: Ids,
  key: string,
): Outcome {
  if (!answer.ok) return answer;
  ids.set(key, answer.body.id);
  return { ok: true };
}
