import type { ClientId } from '../../../lib/core/ids.ts';
import { allClients, clientScope } from '../../../lib/db/scope.ts';
import { findHold, type FoundHold } from '../sources/holds.ts';
import { resolveClient, type Mapping } from '../sources/mapping.ts';
import { readPageToken, type PageToken } from '../sources/token.ts';
import type { MetaReadingDeps } from './deps.ts';

export interface PageAccess {
  readonly token: PageToken;
  readonly hold: FoundHold | undefined;
}

/** What a few events of one claim share; a burst is mostly of one page. */
export interface Lookups {
  mappingOf(pageId: string, formId: string | null): Promise<Mapping>;
  accessTo(clientId: ClientId, pageId: string): Promise<PageAccess>;
  /** The page's hold has changed. */
  forget(clientId: ClientId, pageId: string): void;
}

/** Asks once each; for the time of a claim, so that nothing is older than that. */
export function createLookups({ database, keyring }: MetaReadingDeps): Lookups {
  const mappings = new Map<string, Promise<Mapping>>();
  const accesses = new Map<string, Promise<PageAccess>>();
  const scope = allClients('an event says only its page and form; whose they are is to be found');
  return {
    mappingOf: (pageId, formId) =>
      once(mappings, JSON.stringify([pageId, formId]), () =>
        database.inTransaction(scope, (unit) => resolveClient(unit, pageId, formId)),
      ),
    accessTo: (clientId, pageId) =>
      once(accesses, JSON.stringify([clientId, pageId]), () =>
        database.inTransaction(clientScope(clientId), async (unit) => {
          const token = await readPageToken(unit, keyring);
          return { token, hold: await findHold(unit, pageId, token.mark) };
        }),
      ),
    forget: (clientId, pageId) => void accesses.delete(JSON.stringify([clientId, pageId])),
  };
}

function once<T>(asked: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = asked.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  asked.set(key, answer);
  return answer;
}
