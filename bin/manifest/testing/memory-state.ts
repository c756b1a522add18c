import { fail, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';

export const NOW = '2026-01-01T00:00:00.000Z';

/** What a test looks at, by the names that a manifest has. */
export interface MemoryState {
  readonly permissions: readonly string[];
  readonly roles: Map<string, { level: string; description: string | null; grants: Set<string> }>;
  /** Paths of names, joined by `/`. */
  readonly catalogue: Set<string>;
  readonly clients: Map<string, MemoryClient>;
  /** Entries by their text, and the set that owns each. */
  readonly owners: Map<string, { readonly set: string; readonly entry: Entry }>;
}

type Entry = { kind: string; client_id: string | null; identity: string };

export interface MemoryClient {
  name: string;
  status: 'active' | 'suspended' | 'archived';
  default_country: string | null;
  readonly members: Map<string, { role: string; manager: string | null }>;
  readonly products: Map<string, boolean>;
  readonly keys: Map<string, MemoryKey>;
  readonly sources: Map<string, { page_id: string; form_id: string | null }>;
  readonly integrations: Map<string, unknown>;
  readonly destinations: Map<string, MemoryDestination>;
}

export interface MemoryDestination {
  kind: string;
  enabled: boolean;
  on: ('lead.created' | 'lead.assigned' | 'lead.updated')[];
  filter: {
    sources?: string[] | undefined;
    products?: string[] | undefined;
    fields?: Record<string, string> | undefined;
  };
  settings: Record<string, unknown>;
  /** Fingerprints by name. */
  secrets: Record<string, string>;
}

export interface MemoryKey {
  scopes: ('leads:ingest' | 'leads:read')[];
  allowed_origins: string[];
  rate_limit_per_minute: number | null;
  expires_at: string | null;
}

/** Names by id and ids by name: what is made again under a name has its old id. */
export interface Ids {
  of(...names: readonly string[]): string;
  last(id: string): string;
}

export function createIds(): Ids {
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  return {
    of(...path) {
      const key = JSON.stringify(path);
      const id = ids.get(key) ?? newId();
      ids.set(key, id);
      names.set(id, path.at(-1) ?? '');
      return id;
    },
    last: (id) => names.get(id) ?? '',
  };
}

export const page = <Item>(data: Item[]) => ({ data, next_cursor: null }) as const;
export const nothing = undefined;
export const missing = (): Failure<'not_found'> => fail('not_found', 'not there');
export const refused = (why: string): Failure<'conflict'> => fail('conflict', why);
