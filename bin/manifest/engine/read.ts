import { clientKinds, platformKinds } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Found, Owner, Ref } from '../thing.ts';
import type { PlatformApi } from './api.ts';
import { CONCURRENCY, forEachBounded } from './pool.ts';
import { createState } from './state.ts';
import type { State } from '../thing.ts';

/** What is worth a request; the rest is not asked for. */
export interface Interest {
  includes(kind: string, clientId: Owner): boolean;
  /** Whether this very thing matters, where each costs a request of its own. */
  includesThing(of: Ref): boolean;
}

/** No more than what these things can be compared with. */
export function interestIn(things: Iterable<Ref>): Interest {
  const names = new Map<string, Set<string>>();
  const listKey = (kind: string, clientId: Owner): string => JSON.stringify([kind, clientId]);
  const add = (key: string, identity: string): void => {
    names.set(key, (names.get(key) ?? new Set()).add(identity));
  };
  for (const { kind, clientId, identity } of things) {
    // Clients are listed among the platform's things.
    if (clientId !== null) add(listKey('client', null), clientId);
    if (kind !== 'client') add(listKey(kind, clientId), identity);
  }
  return {
    includes: (kind, clientId) => names.has(listKey(kind, clientId)),
    includesThing: ({ kind, clientId, identity }) =>
      names.get(listKey(kind, clientId))?.has(identity) ?? false,
  };
}

/** All of the platform, or of these clients and of what they share. */
export function interestInClients(only: ReadonlySet<string> | undefined): Interest {
  const includes = (_kind: string, clientId: Owner): boolean =>
    clientId === null || only === undefined || only.has(clientId);
  return { includes, includesThing: () => true };
}

/** Reads what is there through the API. `onProgress` is told how many of the clients have been read. */
export async function readPlatform(
  api: PlatformApi,
  interest: Interest,
  onProgress: (done: number, total: number) => void,
): Promise<State> {
  const shared = readerOf(api, null, platformKinds, interest);
  const readClients = async (): Promise<Found[]> => {
    const listed = interest.includes('client', null) ? await shared.list('client') : [];
    const asked = listed.filter(({ clientId }) =>
      clientKinds.some(({ name }) => interest.includes(name, clientId)),
    );
    const found: Found[] = [];
    let done = 0;
    await forEachBounded(asked, CONCURRENCY, async ({ clientId }) => {
      if (clientId === null) return;
      found.push(...(await readerOf(api, clientId, clientKinds, interest).all()));
      done += 1;
      onProgress(done, asked.length);
    });
    return found;
  };
  const [inClients, ofAll] = await Promise.all([readClients(), shared.all()]);
  return createState([...ofAll, ...inClients]);
}

/** Reads the kinds of one owner, each at most once. */
function readerOf<O extends Owner>(
  api: PlatformApi,
  clientId: O,
  kinds: readonly Kind<O>[],
  interest: Interest,
) {
  const lists = new Map<string, Promise<readonly Found[]>>();
  const list = (name: string): Promise<readonly Found[]> => {
    const known = lists.get(name);
    if (known) return known;
    const kind = kinds.find((one) => one.name === name);
    if (kind === undefined) throw new Error(`no kind is called ${name}`);
    const wants = (identity: string): boolean =>
      interest.includesThing({ kind: name, clientId, identity });
    const reading = kind.read({ api, clientId, wants, list });
    lists.set(name, reading);
    return reading;
  };
  return {
    list,
    async all(): Promise<Found[]> {
      const asked = kinds.filter(({ name }) => interest.includes(name, clientId));
      if (clientId === null) await Promise.all(asked.map(({ name }) => list(name)));
      // Clients are read side by side already.
      else for (const { name } of asked) await list(name);
      return (await Promise.all(lists.values())).flat();
    },
  };
}
