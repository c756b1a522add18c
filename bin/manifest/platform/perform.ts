import { nameKey, sourceKey } from '../state.ts';
import type { Operation } from '../step.ts';
import type { PlatformApi } from './api.ts';
import { integrationsBody, keyBody } from './bodies.ts';
import { idKey, type Ids } from './ids.ts';
import { done, gone, inClient, made, type Outcome } from './outcome.ts';
import { performCatalogue } from './perform-catalogue.ts';
import { performMember } from './perform-member.ts';

/** Does one operation; rejects only where no answer came. The ids of what it makes go into `ids`. */
export async function perform(
  api: PlatformApi,
  ids: Ids,
  operation: Operation,
  options: { readonly acceptUnproven: boolean },
): Promise<Outcome> {
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
      return done(
        await api.permissions.call('setRolePermissions', { params, body: { permission_ids } }),
      );
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
      return await performMember(api, ids, operation, { idOf, ...options });
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
      return { ok: true, oneTime: { kind: 'api_key', key: answer.body.key } };
    }
    case 'api_key.update':
    case 'api_key.remove': {
      const key_id = idOf(idKey('api_key', operation.clientId, operation.name));
      const params = { ...inClient(operation), key_id };
      if (operation.op === 'api_key.remove')
        return gone(await api.keys.call('revokeApiKey', { params }));
      return done(
        await api.keys.call('updateApiKey', { params, body: keyBody(operation.settings) }),
      );
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
      return done(
        // Providers are not asked for every client of a manifest: `leadctl doctor` does that when wanted.
        await api.integrations.call('patchIntegrations', {
          params: inClient(operation),
          query: { lint: 'false' },
          body,
        }),
      );
    }
  }
}
