/** Ids on the server by `idKey`; whoever makes something adds its id. */
export type Ids = Map<string, string>;

type IdKind = 'role' | 'permission' | 'catalogue' | 'member' | 'api_key' | 'meta_source';

/** Of a thing by its name; a client's things are named with their client. */
export function idKey(kind: IdKind, ...names: readonly string[]): string {
  return JSON.stringify([kind, ...names]);
}
