import { keyOf, type Found, type Owner, type State } from '../thing.ts';

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
