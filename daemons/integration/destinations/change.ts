import { isDeepStrictEqual } from 'node:util';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Kind } from '../kinds/kind.ts';
import { invalid, judgeName, judgeSecrets, judgeSettings } from './judge.ts';
import type { Destination } from './model.ts';
import type { DestinationChange, NewDestination } from './shapes.ts';

export interface WantedContext {
  readonly keyring: Keyring;
  readonly now: Date;
}

export interface Wanted {
  readonly destination: Destination;
  /** Secrets that were made, in clear. */
  readonly made: Readonly<Record<string, string>>;
}

/** A destination as it is to be made. */
export function newDestinationOf(
  kind: Kind,
  place: Pick<Destination, 'id' | 'client_id'>,
  { name, enabled, on, filter, ...given }: NewDestination,
  { keyring, now }: WantedContext,
): Wanted | Failure {
  const refusal = judgeName(name, kind.kind);
  if (refusal) return refusal;
  const settings = judgeSettings(kind, given.settings);
  if (isFailure(settings)) return settings;
  const bound = { ...place, kind: kind.kind };
  const context = { keyring, now, place: bound, before: undefined };
  const judged = judgeSecrets(kind, given.secrets, context);
  if (isFailure(judged)) return judged;
  const destination: Destination = {
    ...bound,
    name,
    enabled,
    occasions: [...on],
    filter: filter ?? {},
    settings,
    secrets: judged.secrets,
    version: 1,
    disabled_code: null,
    disabled_message: null,
    created_at: now,
    updated_at: now,
  };
  return { destination, made: judged.made };
}

/** The destination as it is to be from now on, in its next version. */
export function changedDestinationOf(
  kind: Kind,
  before: Destination,
  change: DestinationChange,
  { keyring, now }: WantedContext,
): Destination | Failure {
  const refusal = judgeKind(before, change) ?? (change.name && judgeName(change.name, before.kind));
  if (refusal) return refusal;
  // Left alone where they are not named: the switchboard may have them incomplete.
  const settings =
    change.settings === undefined
      ? before.settings
      : judgeSettings(kind, merged(before.settings, change.settings));
  if (isFailure(settings)) return settings;
  const context = { keyring, now, place: before, before: before.secrets };
  const judged = judgeSecrets(kind, change.secrets ?? {}, context);
  if (isFailure(judged)) return judged;
  const isSwitchedOn = change.enabled === true;
  return {
    ...before,
    name: change.name ?? before.name,
    enabled: change.enabled ?? before.enabled,
    occasions: change.on ?? before.occasions,
    filter: change.filter === undefined ? before.filter : (change.filter ?? {}),
    settings,
    secrets: judged.secrets,
    version: before.version + 1,
    disabled_code: isSwitchedOn ? null : before.disabled_code,
    disabled_message: isSwitchedOn ? null : before.disabled_message,
    updated_at: now,
  };
}

function judgeKind({ kind }: Destination, change: DestinationChange): Failure | undefined {
  if (change.kind === undefined || change.kind === kind) return undefined;
  const message = `is ${kind} and stays so; make another destination for ${change.kind}`;
  return invalid([{ path: 'body.kind', message }]);
}

function merged(
  before: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries({ ...before, ...given }).filter(([, value]) => value !== null),
  );
}

/** Dotted names of what differs; secrets by their name, never by their content. */
export function differences(before: Destination, after: Destination): string[] {
  return [
    ...FIELDS.filter((field) => !isDeepStrictEqual(before[field], after[field])).map(
      (field) => NAMES[field] ?? field,
    ),
    ...differing('settings', before.settings, after.settings),
    ...differing('secrets', before.secrets, after.secrets),
  ];
}

const FIELDS = ['name', 'enabled', 'occasions', 'filter'] as const;
const NAMES: Readonly<Partial<Record<(typeof FIELDS)[number], string>>> = { occasions: 'on' };

function differing(
  part: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => `${part}.${key}`);
}
