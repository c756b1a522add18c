import type { Manifest } from '../schema.ts';
import { nameKey, namesOf, showPath, sourceKey, type PlatformState } from '../state.ts';
import { step, type OwnedKind, type Step } from '../step.ts';
import { catalogueKind, cataloguePaths } from './catalogue.ts';
import { showSource } from './client.ts';

/** A thing that the set made. */
export interface Owned {
  readonly kind: OwnedKind;
  readonly clientId: string | null;
  readonly identity: string;
}

export interface Removals {
  readonly steps: readonly Step[];
  /** The set's things that are named no more and that somebody else has removed. */
  readonly stale: readonly Owned[];
  /** E-mails of the client's members who go. */
  membersOf(clientId: string): ReadonlySet<string>;
}

/** What is in a client goes before the client, a member before their manager, a product before its category. */
const ORDER: readonly OwnedKind[] = [
  'meta_source',
  'api_key',
  'client_product',
  'member',
  'client',
  'product',
  'category',
  'industry',
  'role',
];

/** The set's things that are there and that the manifest names no more. */
export function planRemovals(
  current: PlatformState,
  manifest: Manifest,
  owned: readonly Owned[],
): Removals {
  const named = namesIn(manifest);
  const unnamed = owned.filter((one) => !named.has(keyOf(one)));
  const gone = unnamed.filter((one) => isThere(current, one));
  const isArchived = (clientId: string): boolean =>
    current.clients.get(clientId)?.status === 'archived' ||
    gone.some(({ kind, identity }) => kind === 'client' && identity === clientId);
  const wanted = new Set(manifest.clients.map(({ client_id: id }) => id));
  const sorted = gone
    // An archived client keeps what is in it, as archiving promises.
    .filter(
      ({ kind, clientId }) =>
        kind === 'client' || clientId === null || wanted.has(clientId) || !isArchived(clientId),
    )
    .toSorted(
      (a, b) =>
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || depthIn(current, b) - depthIn(current, a),
    );
  const removed = withoutUsed(current, manifest, sorted);
  return {
    steps: removed.map(removalStep),
    stale: unnamed.filter((one) => !isThere(current, one)),
    membersOf: (clientId) =>
      new Set(
        removed
          .filter((one) => one.kind === 'member' && one.clientId === clientId)
          .map(({ identity }) => identity),
      ),
  };
}

/** Leaves out what something that stays still needs; a later pruning takes it when it is free. */
function withoutUsed(
  current: PlatformState,
  manifest: Manifest,
  sorted: readonly Owned[],
): readonly Owned[] {
  const going = new Set(sorted.map(keyOf));
  const wanted = new Map(manifest.clients.map(({ client_id: id, members }) => [id, members]));
  const used = new Set<string>();
  for (const [clientId, { members, products }] of current.clients) {
    const isStaying = (kind: OwnedKind, identity: string): boolean =>
      !going.has(keyOf({ kind, clientId, identity }));
    const rolesToBe = new Map(wanted.get(clientId)?.map(({ email, role }) => [email, role]));
    for (const [email, { role }] of members) {
      if (isStaying('member', email)) used.add(roleKey(rolesToBe.get(email) ?? role));
    }
    for (const key of products.keys()) if (isStaying('client_product', key)) used.add(key);
  }
  const stays = new Set(current.catalogue);
  return sorted.filter(({ kind, identity }) => {
    if (kind === 'role') return !used.has(roleKey(identity));
    if (kind !== 'industry' && kind !== 'category' && kind !== 'product') return true;
    const inside = `${identity.slice(0, -1)},`;
    const isUsed = used.has(identity) || [...stays].some((other) => other.startsWith(inside));
    if (!isUsed) stays.delete(identity);
    return !isUsed;
  });
}

const roleKey = (name: string): string => `role ${name}`;

function removalStep({ kind, clientId, identity }: Owned): Step {
  const about = {
    kind,
    identity,
    action: 'remove',
    ...(clientId === null ? {} : { clientId }),
  } as const;
  const inClient = clientId ?? '';
  const path = (): string[] => namesOf(identity);
  switch (kind) {
    case 'role':
      return step({ ...about, operation: { op: 'role.remove', name: identity } });
    case 'industry':
    case 'category':
    case 'product': {
      const operation = { op: 'catalogue.remove', path: path() } as const;
      return step({ ...about, name: showPath(path()), operation });
    }
    case 'client': {
      const changes = [{ field: 'status', from: null, to: 'archived' }];
      const patch = { status: 'archived' } as const;
      return step({
        ...about,
        changes,
        operation: { op: 'client.update', clientId: inClient, patch },
      });
    }
    case 'member': {
      const operation = { op: 'member.remove', clientId: inClient, email: identity } as const;
      return step({ ...about, operation });
    }
    case 'client_product': {
      const operation = { op: 'client_product.remove', clientId: inClient, path: path() } as const;
      return step({ ...about, name: showPath(path()), operation });
    }
    case 'api_key': {
      const operation = { op: 'api_key.remove', clientId: inClient, name: identity } as const;
      return step({ ...about, operation });
    }
    case 'meta_source': {
      const [page = '', form = null] = path();
      const operation = { op: 'meta_source.remove', clientId: inClient, page, form } as const;
      return step({ ...about, name: showSource(page, form), operation });
    }
  }
}

const keyOf = ({ kind, clientId, identity }: Owned): string =>
  JSON.stringify([kind, clientId, identity]);

/** Every thing that the manifest names. */
function namesIn(manifest: Manifest): Set<string> {
  const names = new Set<string>();
  const add = (kind: OwnedKind, clientId: string | null, identity: string): void => {
    names.add(keyOf({ kind, clientId, identity }));
  };
  for (const { name } of manifest.roles) add('role', null, name);
  for (const { members } of manifest.clients)
    for (const { role } of members) add('role', null, role);
  for (const [key, path] of cataloguePaths(manifest)) add(catalogueKind(path), null, key);
  for (const client of manifest.clients) {
    const { client_id: id } = client;
    add('client', id, id);
    for (const { email } of client.members) add('member', id, email);
    for (const { name } of client.api_keys) add('api_key', id, name);
    for (const { page_id, form_id } of client.meta_sources) {
      add('meta_source', id, sourceKey(page_id, form_id));
    }
    for (const { industry, category, product } of client.products) {
      add('client_product', id, nameKey([industry, category, product]));
    }
  }
  return names;
}

function isThere(current: PlatformState, { kind, clientId, identity }: Owned): boolean {
  const client = current.clients.get(clientId ?? '');
  switch (kind) {
    case 'role':
      return current.roles.has(identity);
    case 'industry':
    case 'category':
    case 'product':
      return current.catalogue.has(identity);
    case 'client':
      return client !== undefined && client.status !== 'archived';
    case 'member':
      return client?.members.has(identity) ?? false;
    case 'client_product':
      return client?.products.has(identity) ?? false;
    case 'api_key':
      return client?.apiKeys.has(identity) ?? false;
    case 'meta_source':
      return client?.metaSources.has(identity) ?? false;
  }
}

/** Of a member: how far below the top. */
function depthIn(current: PlatformState, { kind, clientId, identity }: Owned): number {
  const members = kind === 'member' ? current.clients.get(clientId ?? '')?.members : undefined;
  if (members === undefined) return 0;
  let depth = 0;
  for (let at = members.get(identity)?.reportsTo; at != null && depth <= members.size; depth += 1) {
    at = members.get(at)?.reportsTo;
  }
  return depth;
}
