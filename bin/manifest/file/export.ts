import { defined } from '../../../lib/core/defined.ts';
import { attributes, clientParts, platformParts } from '../kinds/index.ts';
import type { Part } from '../kinds/kind.ts';
import { createState } from '../engine/state.ts';
import type { State } from '../thing.ts';
import { SecretMark } from '../secret.ts';
import { keyOf, type Found, type Owner } from '../thing.ts';
import type { Path } from './document.ts';

export interface ExportOptions {
  readonly set: string | undefined;
  /** Only these, with what they need; undefined: all there is. */
  readonly clients: ReadonlySet<string> | undefined;
}

export interface Exported {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Paths of the secrets that are set, and left out. */
  readonly secrets: readonly Path[];
}

/** What is there, as a manifest that applying would not change. */
export function exportManifest(state: State, { set, clients: only }: ExportOptions): Exported {
  // An archived client is gone for everyday purposes; who names it gets it.
  const isShown = ({ kind, identity, isArchived }: Found): boolean =>
    kind === 'client' && (only === undefined ? !isArchived : only.has(identity));
  const clients = state.things.filter(isShown);
  const visible = only === undefined ? state : createState(neededBy(state, only));
  const manifest = {
    apiVersion: 'leadctl/v1',
    ...defined({ set }),
    ...compose(platformParts, visible, null),
    ...(clients.length === 0
      ? {}
      : {
          clients: clients.map(({ entry, clientId }) => ({
            ...Object(entry),
            ...(clientId === null ? {} : compose(clientParts, visible, clientId)),
          })),
        }),
  };
  const secrets: Path[] = [];
  return { manifest: Object(withoutSecrets(manifest, [], secrets)), secrets };
}

function compose<O extends Owner>(parts: readonly Part<O>[], state: State, clientId: O) {
  const fields = parts.map((part) => [part.field, part.compose(state, clientId)] as const);
  return Object.fromEntries(fields.filter(([, value]) => Object.keys(Object(value)).length > 0));
}

/** What these clients have, and what of the platform that needs. */
function neededBy(state: State, only: ReadonlySet<string>): Found[] {
  const needed = new Set<string>();
  const need = (thing: Found | undefined): void => {
    if (thing === undefined || needed.has(keyOf(thing))) return;
    needed.add(keyOf(thing));
    for (const one of thing.needs ?? []) need(state.find(one));
  };
  for (const thing of state.things) {
    if (thing.clientId !== null && only.has(thing.clientId)) need(thing);
  }
  // What comes with other things is shown with them.
  const isShown = (thing: Found): boolean =>
    needed.has(keyOf(thing)) ||
    (attributes.has(thing.kind) && (thing.needs ?? []).every((one) => needed.has(keyOf(one))));
  return state.things.filter(isShown);
}

/** The value without the marks of secrets, whose paths are added to `found`. */
function withoutSecrets(value: unknown, path: Path, found: Path[]): unknown {
  if (Array.isArray(value))
    return value.map((one, at) => withoutSecrets(one, [...path, at], found));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([field, inside]) => {
    if (inside instanceof SecretMark) found.push([...path, field]);
    else return [[field, withoutSecrets(inside, [...path, field], found)] as const];
    return [];
  });
  return Object.fromEntries(kept);
}
