import { keyOf, type Found, type Owner, type Ref } from '../thing.ts';

/** What was read of the platform. */
export interface State {
  find(of: Ref): Found | undefined;
  /** All of a kind that belong to an owner; nothing where nobody asked. */
  all(kind: string, clientId: Owner): readonly Found[];
  readonly things: readonly Found[];
}

export function createState(things: readonly Found[]): State {
  const byKey = new Map(things.map((one) => [keyOf(one), one]));
  const listKey = (kind: string, clientId: Owner): string => JSON.stringify([kind, clientId]);
  const lists = Map.groupBy(things, ({ kind, clientId }) => listKey(kind, clientId));
  return {
    find: (of) => byKey.get(keyOf(of)),
    all: (kind, clientId) => lists.get(listKey(kind, clientId)) ?? [],
    things,
  };
}
