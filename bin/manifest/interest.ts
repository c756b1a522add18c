import type { Owned } from './plan/removals.ts';
import type { Interest } from './platform/read.ts';
import type { Parts } from './platform/read-client.ts';
import type { Manifest } from './schema.ts';

/** What of the platform a manifest, and what its set may remove, can be compared with. */
export function interestOf(manifest: Manifest, owned: readonly Owned[]): Interest {
  const kinds = new Set(owned.map(({ kind }) => kind));
  const granted = new Set(
    manifest.roles.filter(({ grants }) => grants !== undefined).map(({ name }) => name),
  );
  const parts = new Map<string, Parts>();
  for (const client of manifest.clients) {
    parts.set(client.client_id, {
      members: client.members.length > 0,
      products: client.products.length > 0,
      apiKeys: client.api_keys.length > 0,
      metaSources: client.meta_sources.length > 0,
      integrations: client.integrations !== undefined,
    });
  }
  for (const { kind, clientId } of owned) {
    if (clientId === null) continue;
    const before = parts.get(clientId) ?? {};
    parts.set(clientId, {
      ...before,
      ...(kind === 'member' ? { members: true } : {}),
      ...(kind === 'client_product' ? { products: true } : {}),
      ...(kind === 'api_key' ? { apiKeys: true } : {}),
      ...(kind === 'meta_source' ? { metaSources: true } : {}),
    });
  }
  return {
    roles:
      manifest.roles.length > 0 ||
      kinds.has('role') ||
      manifest.clients.some(({ members }) => members.length > 0),
    grantsOf: (role) => granted.has(role),
    catalogue:
      manifest.industries.length > 0 ||
      manifest.clients.some(({ products }) => products.length > 0) ||
      ['industry', 'category', 'product', 'client_product'].some((kind) =>
        owned.some((one) => one.kind === kind),
      ),
    partsOf: (clientId) => parts.get(clientId),
  };
}

/** All of the platform, or all of these clients with the roles and the catalogue they can refer to. */
export function everything(clients: ReadonlySet<string> | undefined): Interest {
  const all = {
    members: true,
    products: true,
    apiKeys: true,
    metaSources: true,
    integrations: true,
  };
  return {
    roles: true,
    grantsOf: () => true,
    catalogue: true,
    partsOf: (clientId) => (clients === undefined || clients.has(clientId) ? all : undefined),
  };
}
