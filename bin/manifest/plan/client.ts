import type { ClientSpec, RoleSpec } from '../schema.ts';
import {
  nameKey,
  showPath,
  sourceKey,
  type ApiKeyState,
  type ClientState,
  type PlatformState,
  type Secret,
} from '../state.ts';
import { changesBetween, step, stepKey, type Step } from '../step.ts';
import { catalogueStep } from './catalogue.ts';
import { planIntegrations } from './integrations.ts';
import { planMembers } from './members.ts';

export interface ClientWish {
  readonly client: ClientSpec;
  /** Those of the manifest. */
  readonly roles: readonly RoleSpec[];
  readonly secrets: ReadonlyMap<string, Secret>;
  /** E-mails of members who are removed in the same plan. */
  readonly removed: ReadonlySet<string>;
  readonly problems: string[];
}

/** A client and all that is in it, each after what it needs. */
export function planClient(current: PlatformState, wish: ClientWish): Step[] {
  const { client } = wish;
  const found = current.clients.get(client.client_id);
  return [
    ...planItself(found, client),
    ...planMembers(current, wish),
    ...planProducts(found, client),
    ...client.api_keys.flatMap((key) => planApiKey(found, client.client_id, key)),
    ...planSources(found, client),
    ...planIntegrations(found, client, wish.secrets),
  ];
}

export function clientStep(clientId: string): string {
  return stepKey('client', clientId, clientId);
}

function planItself(found: ClientState | undefined, client: ClientSpec): Step[] {
  const { client_id: clientId, name, default_country: defaultCountry } = client;
  const about = { kind: 'client', clientId, identity: clientId } as const;
  if (found === undefined) {
    const { status = 'active' } = client;
    const changes = changesBetween(
      {},
      { name, status, default_country: defaultCountry ?? undefined },
    );
    const operation = {
      op: 'client.create',
      clientId,
      name,
      status,
      defaultCountry: defaultCountry ?? null,
    } as const;
    return [step({ ...about, action: 'create', changes, operation })];
  }
  // A suspension is an operator's doing and stays; an archived client that is wanted is to be there again.
  const status = client.status ?? (found.status === 'archived' ? 'active' : undefined);
  const changes = changesBetween(
    { name: found.name, status: found.status, default_country: found.defaultCountry },
    { name, status, default_country: defaultCountry },
  );
  if (changes.length === 0) return [];
  const patch = {
    name,
    ...(status === undefined ? {} : { status }),
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
  };
  const operation = { op: 'client.update', clientId, patch } as const;
  return [step({ ...about, action: 'update', changes, operation })];
}

function planProducts(found: ClientState | undefined, client: ClientSpec): Step[] {
  const { client_id: clientId } = client;
  return client.products.flatMap(({ industry, category, product, enabled }) => {
    const path = [industry, category, product];
    const before = found?.products.get(nameKey(path));
    if (before === enabled) return [];
    return [
      step({
        kind: 'client_product',
        clientId,
        identity: nameKey(path),
        name: showPath(path),
        action: before === undefined ? 'create' : 'update',
        needs: [clientStep(clientId), catalogueStep(path)],
        changes: [{ field: 'enabled', from: before ?? null, to: enabled }],
        operation: { op: 'client_product.put', clientId, path, enabled },
      }),
    ];
  });
}

function planApiKey(
  found: ClientState | undefined,
  clientId: string,
  key: ClientSpec['api_keys'][number],
): Step[] {
  const { name, prefix } = key;
  const about = {
    kind: 'api_key',
    clientId,
    identity: name,
    needs: [clientStep(clientId)],
  } as const;
  const before = found?.apiKeys.get(name);
  const wanted: { [F in keyof ApiKeyState]?: ApiKeyState[F] | undefined } = {
    scopes: key.scopes && [...new Set(key.scopes)].toSorted(),
    allowedOrigins: key.allowed_origins && [...new Set(key.allowed_origins)].toSorted(),
    rateLimitPerMinute: key.rate_limit_per_minute,
    expiresAt: key.expires_at,
  };
  const changes = changesBetween({ ...before }, wanted);
  const settings: Partial<ApiKeyState> = Object.fromEntries(
    changes.map(({ field, to }) => [field, to]),
  );
  const shown = changes.map((change) => ({ ...change, field: snakeCase(change.field) }));
  if (before === undefined) {
    const operation = { op: 'api_key.create', clientId, name, prefix, settings } as const;
    return [step({ ...about, action: 'create', changes: shown, operation })];
  }
  if (changes.length === 0) return [];
  const operation = { op: 'api_key.update', clientId, name, settings } as const;
  return [step({ ...about, action: 'update', changes: shown, operation })];
}

function planSources(found: ClientState | undefined, client: ClientSpec): Step[] {
  const { client_id: clientId } = client;
  return client.meta_sources.flatMap(({ page_id: page, form_id: form = null }) => {
    const identity = sourceKey(page, form);
    if (found?.metaSources.has(identity)) return [];
    return [
      step({
        kind: 'meta_source',
        clientId,
        identity,
        name: showSource(page, form),
        action: 'create',
        needs: [clientStep(clientId)],
        operation: { op: 'meta_source.create', clientId, page, form },
      }),
    ];
  });
}

export function showSource(page: string, form: string | null): string {
  return form === null ? `page ${page}` : `form ${form} of page ${page}`;
}

function snakeCase(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
