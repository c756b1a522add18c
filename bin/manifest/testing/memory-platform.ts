import { openPlatform, type PlatformApi } from '../engine/api.ts';
import { memoryClientRoutes } from './memory-client.ts';
import { catalogueRoutes, roleRoutes, setRoutes } from './memory-shared.ts';
import { createIds, type MemoryState } from './memory-state.ts';
import type { Answering } from './serve.ts';

export interface MemoryPlatform {
  readonly api: PlatformApi;
  readonly state: MemoryState;
  /** `POST /api/roles`, in the order they came. */
  readonly requests: string[];
}

/**
 * A platform in memory that keeps the server's rules and answers the requests of the real client: for
 * properties over hundreds of manifests, which a database would take minutes for.
 */
export function createMemoryPlatform(permissions: readonly string[]): MemoryPlatform {
  const state: MemoryState = {
    permissions,
    roles: new Map(),
    catalogue: new Set(),
    clients: new Map(),
    owners: new Map(),
  };
  const ids = createIds();
  const answering: Answering[] = [
    roleRoutes(state, ids),
    catalogueRoutes(state, ids),
    setRoutes(state),
    ...memoryClientRoutes(state, ids),
  ];
  const requests: string[] = [];
  const api = openPlatform(
    {
      async open(request) {
        requests.push(`${request.method} ${request.path}`);
        for (const answer of answering) {
          const response = await answer(request);
          if (response) return response;
        }
        throw new Error(`the platform in memory has no ${request.method} ${request.path}`);
      },
    },
    new AbortController().signal,
    () => undefined,
  );
  return { api, state, requests };
}
