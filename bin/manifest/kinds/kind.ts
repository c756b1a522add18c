import * as z from 'zod';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { PlatformApi } from '../engine/api.ts';
import type { State } from '../thing.ts';
import type { Secret, SecretReference } from '../secret.ts';
import type { Found, Owner, Wanted } from '../thing.ts';

/** How what is there of one kind is read: of the platform, or of one client. */
export interface Kind<O extends Owner> {
  readonly name: string;
  /** Comes and goes with another thing, so that no set of manifests owns it. */
  readonly isAttribute?: true;
  /** Not removed while something that stays needs it. */
  readonly staysWhileNeeded?: true;
  read(reader: Reader<O>): Promise<Found[]>;
}

export interface Reader<O extends Owner> {
  readonly api: PlatformApi;
  readonly clientId: O;
  /** Whether a thing of this name matters, where each of them costs a request. */
  wants(identity: string): boolean;
  /** All of another kind of the same owner, read once however many ask. */
  list(kind: string): Promise<readonly Found[]>;
}

/** Where a part of a manifest stands. */
export interface Scope<O extends Owner> {
  readonly clientId: O;
  /**
   * The secret that is meant; where there is none that is a problem of the manifest's, and undefined.
   * `field` is what its fingerprint is bound to within the client: the path unless told.
   */
  secret(reference: SecretReference, path: readonly string[], field?: string): Secret | undefined;
}

/** One field of a manifest, or of a client in it, and the kinds of things that it describes. */
export interface Part<O extends Owner> {
  readonly field: string;
  readonly kinds: readonly Kind<O>[];
  /** A list of things, or one. */
  readonly isList: boolean;
  /** Of the whole field. */
  readonly schema: z.ZodType;
  /** What one item of the list, or the field itself, asks for; undefined where it does not fit the schema. */
  things(item: unknown, scope: Scope<O>): Wanted[] | undefined;
  /** The field as it would describe what is there; secrets stand in it as marks. */
  compose(state: State, clientId: O): unknown;
}

interface PartOptions<S extends z.ZodType, O extends Owner> {
  readonly field: string;
  /** Of one item. */
  readonly item: S;
  readonly isList?: boolean;
  readonly kinds: readonly Kind<O>[];
  readonly things: (spec: z.output<S>, scope: Scope<O>) => Wanted[];
  /** The entries of the first kind when not given. */
  readonly compose?: (state: State, clientId: O) => unknown;
}

function definePart<S extends z.ZodType, O extends Owner>(options: PartOptions<S, O>): Part<O> {
  const { field, item, kinds, isList = true } = options;
  const entries = (state: State, clientId: O): unknown[] =>
    state.all(kinds[0]?.name ?? '', clientId).map(({ entry }) => entry);
  return {
    field,
    kinds,
    isList,
    schema: isList ? z.array(item).default([]) : item.optional(),
    things(given, scope) {
      const parsed = item.safeParse(given);
      return parsed.success ? options.things(parsed.data, scope) : undefined;
    },
    compose: options.compose ?? entries,
  };
}

export function platformPart<S extends z.ZodType>(options: PartOptions<S, null>): Part<null> {
  return definePart(options);
}

export function clientPart<S extends z.ZodType>(options: PartOptions<S, ClientId>): Part<ClientId> {
  return definePart(options);
}
