import type { Invitation } from '../../daemons/user/contract.ts';
import type { ClientId } from '../../lib/core/ids.ts';
import type { Problem } from '../../lib/core/problem.ts';
import type { PlatformApi } from './engine/api.ts';

/** The client that has a thing; null for what belongs to none, such as a role. */
export type Owner = ClientId | null;

/** Which thing, on the whole platform. */
export interface Ref<O extends Owner = Owner> {
  readonly kind: string;
  readonly clientId: O;
  /** Its name in a manifest, unique within kind and client. */
  readonly identity: string;
}

export function ref<O extends Owner>(kind: string, clientId: O, identity: string): Ref<O> {
  return { kind, clientId, identity };
}

export function keyOf({ kind, clientId, identity }: Ref): string {
  return JSON.stringify([kind, clientId, identity]);
}

/** By the names that a manifest has for them. What is undefined is not given, and left alone. */
export type Fields = Readonly<Record<string, unknown>>;

/** One field before and after, fit to be shown: a secret is only said to change. */
export interface Change {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** Something that cannot be brought about, and the part of the thing that asks for it. */
export interface Flaw {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What one thing cannot be without, and the field that names it. */
export interface Need extends Ref {
  readonly field?: string;
}

/** A thing as a manifest describes it, and how it is brought about. */
export interface Wanted extends Ref {
  /** For people; the identity when not given. */
  readonly name?: string;
  readonly fields: Fields;
  /** Made before it. A need of its own kind stands above it in a tree, which must have no loop. */
  readonly needs?: readonly Need[];
  /** False where naming it twice says the same twice; a text where it is unique beyond its client. */
  readonly unique?: string | false;
  /** Things of another kind that it describes as well; nobody else may. */
  readonly covers?: readonly Need[];
  /** Where comparing the fields one by one is not what decides. */
  readonly changes?: (found: Found | undefined, state: State) => readonly Change[];
  readonly flaws?: (state: State) => readonly Flaw[];
  /** Not of what comes with another thing. */
  readonly make?: (context: RunContext) => Promise<Outcome>;
  /** Writes those of its fields that are named. */
  readonly change?: (context: RunContext, changed: ReadonlySet<string>) => Promise<Outcome>;
}

/** A thing that is there. */
export interface Found extends Ref {
  readonly name?: string;
  /** On the server. */
  readonly id?: string;
  readonly fields: Fields;
  readonly needs?: readonly Ref[];
  /** There, but put away: whoever wanted it removed has what they wanted. */
  readonly isArchived?: boolean;
  /** As a manifest would have it. */
  readonly entry?: unknown;
  readonly remove?: () => Promise<Outcome>;
  /** What its removal changes, where that is not that it is gone. */
  readonly whenRemoved?: readonly Change[];
}

/** What was read of the platform. */
export interface State {
  find(of: Ref): Found | undefined;
  /** All of a kind that belong to an owner; nothing where nobody asked. */
  all(kind: string, clientId: Owner): readonly Found[];
  readonly things: readonly Found[];
}

/** What a thing is brought about with. */
export interface RunContext {
  readonly api: PlatformApi;
  readonly state: State;
  /** Vouch for members' accounts that nobody has proven to be their owners'. */
  readonly acceptUnproven: boolean;
  /** The server's id of a thing that is there or was made since; throws for another. */
  idOf(of: Ref): string;
}

/** What can be shown once only. */
export type OneTime =
  | { readonly kind: 'api_key'; readonly key: string }
  | { readonly kind: 'invitation'; readonly invitation: Invitation }
  /** By their names, those that were made. */
  | { readonly kind: 'secrets'; readonly secrets: Readonly<Record<string, string>> };

/** The id is that of what was made. */
export type Outcome =
  | { readonly ok: true; readonly id?: string; readonly oneTime?: OneTime }
  | { readonly ok: false; readonly problem: Problem };
