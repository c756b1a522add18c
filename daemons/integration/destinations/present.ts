import type { Kinds } from '../kinds/kind.ts';
import type { Destination, SealedSecret } from './model.ts';
import type { MadeDestination, ShownDestination } from './shapes.ts';
import type { HeldLane } from './store.ts';

export interface PresentContext {
  readonly kinds: Kinds;
  readonly held: readonly HeldLane[];
  readonly now: Date;
}

/** A destination as it is shown: of a secret only that it is there, and since when. */
export function present(row: Destination, { kinds, held, now }: PresentContext): ShownDestination {
  // Of a kind that this version does not have, those that are there.
  const names = Object.keys(kinds.get(row.kind)?.secrets ?? row.secrets);
  return {
    id: row.id,
    client_id: row.client_id,
    name: row.name,
    kind: row.kind,
    enabled: row.enabled,
    on: row.occasions,
    filter: row.filter,
    settings: row.settings,
    secrets: Object.fromEntries(names.map((name) => [name, mark(row.secrets[name], now)])),
    version: row.version,
    disabled:
      row.disabled_code === null
        ? null
        : { code: row.disabled_code, message: row.disabled_message ?? '' },
    held: held
      .filter((lane) => lane.destination_id === row.id)
      .map((lane) => ({
        account: lane.account,
        code: lane.held_code,
        message: lane.held_message,
        held_at: lane.held_at.toISOString(),
      })),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** With the secrets that were made for it in clear. */
export function withMade(
  shown: ShownDestination,
  made: Readonly<Record<string, string>>,
): Omit<MadeDestination, 'warnings'> {
  const secrets = Object.entries(shown.secrets).map(([name, one]) => {
    const value = made[name];
    return [name, one === null || value === undefined ? one : { ...one, value }] as const;
  });
  return { ...shown, secrets: Object.fromEntries(secrets) };
}

function mark(secret: SealedSecret | undefined, now: Date) {
  if (secret === undefined) return null;
  const { updated_at, fingerprint, previous } = secret;
  const isOverlapping = previous !== undefined && new Date(previous.until) > now;
  return {
    set: true,
    updated_at,
    fingerprint,
    ...(isOverlapping ? { previous_until: previous.until } : {}),
  } as const;
}
