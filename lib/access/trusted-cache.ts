import type { Clock } from '../core/clock.ts';
import { fail, type Failure } from '../core/errors.ts';
import { withTimeout } from '../core/timeout.ts';
import type { NotificationHub } from '../db/notifications.ts';
import type { Logger } from '../telemetry/log.ts';

/** Values by key, each loaded when first asked for and used for as long as the database vouches for it. */
export interface TrustedCache<T> {
  take(key: string): Promise<{ readonly value: T } | Failure>;
  /** Something changed: nothing loaded before now is given out to those who ask from now on. */
  clear(): void;
  /** The same for what one key stands for. */
  drop(key: string): void;
}

export interface TrustedCacheDeps {
  readonly hub: Pick<NotificationHub, 'lastAliveAtMs'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long after the last sign of life a value is believed while the database is away. */
  readonly trustMs: number;
  readonly mostEntries: number;
}

/** Values that are looked up anew each time: an absence may end before its end is heard of. */
type Passing<T> = (value: T) => boolean;

interface Entry<T> {
  readonly value: T;
  readonly loadedAtMs: number;
}

interface Load<T> {
  readonly value: Promise<T>;
  /** What it brings may be out of date already. */
  isDropped: boolean;
}

/** With announcements working a value is right until one drops it; this bounds what they might miss. */
const FRESH_MS = 30_000;
/** Without them the database is asked again after this. */
const FRESH_UNHEARD_MS = 1_000;
/** The hub's heart beats every 2 s and may take 2 s to answer. */
const HEARD_MS = 5_000;
const LOAD_TIMEOUT_MS = 2_000;
/** After a failed load the database is left alone, and nobody waits for it. */
const RETRY_AFTER_MS = 1_000;

/**
 * What is shown is at most as old as the last announcement heard. A load that began before a
 * `clear` or `drop` is not kept, and nobody who asks after it joins that load.
 */
export function createTrustedCache<T>(
  deps: TrustedCacheDeps,
  load: (key: string) => Promise<T>,
  isPassing: Passing<T> = () => false,
): TrustedCache<T> {
  const entries = new Map<string, Entry<T>>();
  const loading = new Map<string, Load<T>>();
  let failedAtMs = Number.NEGATIVE_INFINITY;
  const nowMs = () => deps.clock().getTime();

  const keep = (key: string, entry: Entry<T>): void => {
    entries.delete(key);
    if (entries.size >= deps.mostEntries) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    entries.set(key, entry);
  };

  const settle = async (key: string, running: Load<T>, loadedAtMs: number): Promise<void> => {
    try {
      const value = await running.value;
      if (!running.isDropped && !isPassing(value)) keep(key, { value, loadedAtMs });
    } catch (error) {
      if (!running.isDropped) failedAtMs = nowMs();
      deps.log.warn({ err: error }, 'the access model could not be read');
    } finally {
      if (!running.isDropped) loading.delete(key);
    }
  };

  const share = async (key: string): Promise<T> => {
    let running = loading.get(key);
    if (running === undefined) {
      const loadedAtMs = nowMs();
      const value = withTimeout(load(key), LOAD_TIMEOUT_MS, 'reading the access model');
      running = { value, isDropped: false };
      loading.set(key, running);
      await settle(key, running, loadedAtMs);
    }
    return running.value;
  };

  const isFresh = ({ loadedAtMs }: Entry<T>): boolean => {
    const isHeard = nowMs() - deps.hub.lastAliveAtMs() < HEARD_MS;
    return nowMs() - loadedAtMs < (isHeard ? FRESH_MS : FRESH_UNHEARD_MS);
  };

  /** An entry that no announcement dropped was right for as long as they could be heard. */
  const lastKnown = (key: string): { readonly value: T } | Failure => {
    const entry = entries.get(key);
    const knownAtMs = entry && Math.max(entry.loadedAtMs, deps.hub.lastAliveAtMs());
    return entry && knownAtMs !== undefined && nowMs() - knownAtMs < deps.trustMs
      ? { value: entry.value }
      : outage();
  };

  return {
    async take(key) {
      const entry = entries.get(key);
      if (entry && isFresh(entry)) return { value: entry.value };
      if (nowMs() - failedAtMs < RETRY_AFTER_MS) return lastKnown(key);
      try {
        return { value: await share(key) };
      } catch {
        return lastKnown(key);
      }
    },
    drop(key) {
      entries.delete(key);
      const running = loading.get(key);
      if (running) running.isDropped = true;
      loading.delete(key);
    },
    clear() {
      for (const running of loading.values()) running.isDropped = true;
      entries.clear();
      loading.clear();
      failedAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** What the caller is told while nothing can be vouched for. */
function outage(): Failure {
  return fail(
    'upstream_unavailable',
    'Who may do what cannot be read at present, so nobody is let through. Try again shortly.',
    { retryAfterSeconds: 2 },
  );
}
