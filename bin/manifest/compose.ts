import { templateConfigSchema } from '../../lib/providers/whatsapp/template.ts';
import { catalogueKind } from './plan/catalogue.ts';
import type { ManifestInput } from './schema.ts';
import { isSecretMark, namesOf, type ClientState, type PlatformState } from './state.ts';

type ClientInput = NonNullable<ManifestInput['clients']>[number];
type IndustryInput = NonNullable<ManifestInput['industries']>[number];

export interface ComposeOptions {
  readonly set: string | undefined;
  /** Only these, with the roles their members have; undefined: all there is. */
  readonly clients: ReadonlySet<string> | undefined;
}

export interface Composed {
  readonly manifest: ManifestInput;
  /** Dotted paths of each client's secrets: they are set, and left out. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
}

/** What is there, as a manifest that applying would not change. */
export function composeManifest(state: PlatformState, options: ComposeOptions): Composed {
  const { set, clients: only } = options;
  // An archived client is gone for everyday purposes; who names it gets it.
  const shown = [...state.clients].filter(
    ([, { status }]) => only !== undefined || status !== 'archived',
  );
  const used = new Set(
    shown.flatMap(([, client]) => [...client.members.values()].map(({ role }) => role)),
  );
  const roles = [...state.roles]
    .filter(([name]) => only === undefined || used.has(name))
    .map(([name, { level, description, grants = new Set<string>() }]) => ({
      name,
      level: String(level),
      ...(description === null ? {} : { description }),
      grants: [...grants].toSorted(byPath),
    }));
  const industries = only === undefined ? industriesOf(state) : [];
  return {
    manifest: {
      apiVersion: 'leadctl/v1',
      ...(set === undefined ? {} : { set }),
      ...(roles.length === 0 ? {} : { roles }),
      ...(industries.length === 0 ? {} : { industries }),
      ...(shown.length === 0 ? {} : { clients: shown.map(([id, one]) => clientInput(id, one)) }),
    },
    secrets: new Map(shown.map(([id, { integrations }]) => [id, secretsIn(integrations)])),
  };
}

function secretsIn(values: ClientState['integrations']): string[] {
  return [...values].filter(([, value]) => isSecretMark(value)).map(([path]) => path);
}

/** Grants of one path together. */
function byPath(a: string, b: string): number {
  const [left = '', right = ''] = [a, b].map((grant) => grant.split(' ').toReversed().join(' '));
  return left < right ? -1 : Number(left > right);
}

function industriesOf({ catalogue }: PlatformState): IndustryInput[] {
  const paths = [...catalogue].map(namesOf).toSorted((a, b) => a.length - b.length);
  const industries = new Map<string, Map<string, string[]>>();
  for (const path of paths) {
    const [industry = '', category = '', product = ''] = path;
    const kind = catalogueKind(path);
    if (kind === 'industry') industries.set(industry, new Map());
    else if (kind === 'category') industries.get(industry)?.set(category, []);
    else industries.get(industry)?.get(category)?.push(product);
  }
  return [...industries].map(([name, categories]) => ({
    name,
    ...(categories.size === 0
      ? {}
      : { categories: [...categories].map(([name, products]) => ({ name, products })) }),
  }));
}

function clientInput(clientId: string, client: ClientState): ClientInput {
  const { name, status, defaultCountry } = client;
  const lists = {
    members: membersOf(client),
    products: [...client.products].map(([key, enabled]) => {
      const [industry = '', category = '', product = ''] = namesOf(key);
      return { industry, category, product, enabled };
    }),
    api_keys: [...client.apiKeys].map(([name, key]) => ({
      name,
      scopes: key.scopes.map((scope) => (scope === 'leads:read' ? scope : 'leads:ingest')),
      ...(key.allowedOrigins.length === 0 ? {} : { allowed_origins: [...key.allowedOrigins] }),
      ...(key.rateLimitPerMinute === null ? {} : { rate_limit_per_minute: key.rateLimitPerMinute }),
      ...(key.expiresAt === null ? {} : { expires_at: key.expiresAt }),
    })),
    meta_sources: [...client.metaSources].map((key) => {
      const [page_id = '', form_id] = namesOf(key);
      return { page_id, ...(form_id === undefined ? {} : { form_id }) };
    }),
  };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  const integrations = nested(client.integrations);
  return {
    client_id: clientId,
    name,
    ...(status === 'active' ? {} : { status }),
    ...(defaultCountry === null ? {} : { default_country: defaultCountry }),
    ...filled,
    ...(Object.keys(integrations).length === 0 ? {} : { integrations }),
  };
}

/** From the top of the tree downwards, as one would write them. */
function membersOf({ members }: ClientState) {
  const reports = Map.groupBy(members, ([, { reportsTo }]) => reportsTo);
  const inOrder: { email: string; role: string; reports_to?: string }[] = [];
  const add = (manager: string | null): void => {
    for (const [email, { role, reportsTo }] of reports.get(manager)?.toSorted() ?? []) {
      inOrder.push({ email, role, ...(reportsTo === null ? {} : { reports_to: reportsTo }) });
      add(email);
    }
  };
  add(null);
  return inOrder;
}

/** `whatsapp.b` as `{whatsapp: {b}}`, without the secrets; a group that holds only a secret stays, empty. */
function nested(values: ClientState['integrations']): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  const groups: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of values) {
    const [group = '', field] = path.split('.');
    if (field === undefined) own[group] = value;
    else {
      const inside = (groups[group] ??= {});
      if (!isSecretMark(value)) inside[field] = field === 'template' ? shortTemplate(value) : value;
    }
  }
  return { ...own, ...groups };
}

/** A parameter that is a field and nothing else is written as the field's name. */
function shortTemplate(value: unknown): unknown {
  const parsed = templateConfigSchema.safeParse(value);
  if (!parsed.success) return value;
  const parameters = parsed.data.parameters.map((parameter) =>
    Object.keys(parameter).length === 1 && typeof parameter.field === 'string'
      ? parameter.field
      : parameter,
  );
  return { ...parsed.data, parameters };
}
