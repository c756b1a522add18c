import type { KnownKey } from './known-key.ts';
import type { Pool } from 'pg';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { NotificationHub } from '../../../lib/db/notifications.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';
import { createKeyLookup } from './lookup.ts';

/** A key that may be used, or why it may not; then with its record where there is one. */
export type FoundKey =
  | { readonly key: KnownKey; readonly refusal: undefined }
  | { readonly key: KnownKey | undefined; readonly refusal: Failure };

export interface KeyDirectory {
  find(key: string | undefined): Promise<FoundKey>;
  stop(): void;
}

const FRESH_MS = 30_000;
/** An unknown key is looked up anew soon: it may be about to exist. */
const UNKNOWN_FRESH_MS = 1_000;
const MOST_ENTRIES = 10_000;

interface Entry {
  readonly key: KnownKey | undefined;
  readonly loadedAtMs: number;
}

/**
 * Keys by their SHA-256, kept in memory. A revocation or a suspended client is announced by the
 * database and empties the copy at once; while announcements cannot be heard, nothing older than
 * the last sign of life is believed.
 */
export function createKeyDirectory(deps: {
  pool: Pool;
  hub: NotificationHub;
  clock: Clock;
}): KeyDirectory {
  const lookup = createKeyLookup(deps.pool);
  const entries = new Map<string, Entry>();
  // Apart, so that guessing keys cannot push the real ones out.
  const unknown = new Map<string, Entry>();
  let generation = 0;
  const forgetAll = () => {
    generation += 1;
    entries.clear();
    unknown.clear();
  };
  const unsubscribe = [
    deps.hub.subscribe('leadctl_api_keys', forgetAll),
    deps.hub.subscribe('leadctl_access', (notice) => {
      if (notice.kind === 'resumed' || notice.payload === 'clients') forgetAll();
    }),
  ];

  const isFresh = (entry: Entry, nowMs: number): boolean => {
    const freshMs = entry.key === undefined ? UNKNOWN_FRESH_MS : FRESH_MS;
    const silentMs = nowMs - deps.hub.lastAliveAtMs();
    return nowMs - entry.loadedAtMs < freshMs && silentMs < FRESH_MS;
  };

  const load = async (hash: string, nowMs: number): Promise<KnownKey | undefined | Failure> => {
    const startedIn = generation;
    const key = await lookup(hash);
    if (isFailure(key)) return key;
    // A change announced while the answer was on its way makes the answer too old to keep.
    if (startedIn === generation)
      keep(key === undefined ? unknown : entries, hash, { key, loadedAtMs: nowMs });
    return key;
  };

  return {
    async find(given) {
      if (given === undefined || given === '') {
        return { key: undefined, refusal: fail('invalid_api_key', NO_KEY) };
      }
      const hash = sha256Hex(given);
      const nowMs = deps.clock().getTime();
      const entry = entries.get(hash) ?? unknown.get(hash);
      const key = entry && isFresh(entry, nowMs) ? entry.key : await load(hash, nowMs);
      return isFailure(key) ? { key: undefined, refusal: key } : judge(key, nowMs);
    },
    stop() {
      for (const stop of unsubscribe) stop();
    },
  };
}

const NO_KEY = 'Send the key in the X-API-Key header.';

function judge(key: KnownKey | undefined, nowMs: number): FoundKey {
  if (key === undefined || (key.expiresAtMs !== null && key.expiresAtMs <= nowMs)) {
    const refusal = fail('invalid_api_key', 'The API key is unknown, revoked or expired.');
    return { key, refusal };
  }
  if (key.isClientActive) return { key, refusal: undefined };
  const why = `Client ${key.clientId} is suspended or archived: its keys are of no use at present.`;
  return { key, refusal: fail('client_suspended', why) };
}

/** The oldest entry makes room. */
function keep(kept: Map<string, Entry>, hash: string, entry: Entry): void {
  const [oldest] = kept.keys();
  if (kept.size >= MOST_ENTRIES && oldest !== undefined) kept.delete(oldest);
  kept.set(hash, entry);
}
