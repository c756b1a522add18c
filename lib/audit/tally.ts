import type { Clock } from '../core/clock.ts';
import type { Stoppable } from '../core/lifecycle.ts';

/** How often something happened within one minute. */
export interface Counted<Item> {
  readonly item: Item;
  /** The start of that minute. */
  readonly minute: Date;
  /** Since it was last written. */
  readonly count: number;
  readonly lastAt: Date;
}

export interface Tally<Item> extends Stoppable {
  /** Costs a look into a map; never waits, never throws. */
  add(item: Item): void;
  /** Writes what is due now; a failure is told to `onError` and tried again with the next. */
  flush(): Promise<void>;
}

export interface TallyOptions<Item> {
  /** What is the same for all that is counted together. */
  readonly keyOf: (item: Item) => string;
  /** Within a minute each group has `mostPerGroup` keys of its own; what is beyond is counted as `folded`. */
  readonly groupOf: (item: Item) => string;
  readonly folded: (item: Item) => Item;
  readonly mostPerGroup: number;
  /** Of all groups together, and of minutes that cannot be written; what is beyond is dropped, and told. */
  readonly mostEntries: number;
  /**
   * `each_flush`: where a row is counted up. `twice_a_minute`: where rows are only ever added: the first
   * soon after it happened, and what came after it when its minute is over.
   */
  readonly writes: 'each_flush' | 'twice_a_minute';
  readonly flushMs: number;
  readonly write: (counted: readonly Counted<Item>[]) => Promise<void>;
  readonly onDropped: () => void;
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
}

interface Entry<Item> {
  readonly item: Item;
  readonly minuteMs: number;
  pending: number;
  lastAtMs: number;
  isWritten: boolean;
}

const MINUTE_MS = 60_000;

/**
 * Counts what may happen a thousand times a second, by the minute, in bounded memory, and writes it in the
 * background: whoever is refused costs no statement, and cannot fill a table.
 */
export function createTally<Item>(options: TallyOptions<Item>): Tally<Item> {
  const entries = new Map<string, Entry<Item>>();
  const groups = new Map<string, number>();
  let writing: Promise<void> | undefined;

  const startOf = (ms: number) => ms - (ms % MINUTE_MS);

  const keyIn = (minuteMs: number, item: Item) => `${minuteMs} ${options.keyOf(item)}`;

  const countUp = (entry: Entry<Item>, nowMs: number): void => {
    entry.pending += 1;
    entry.lastAtMs = nowMs;
  };

  const open = (key: string, item: Item, minuteMs: number, nowMs: number): void => {
    if (entries.size >= options.mostEntries) {
      options.onDropped();
      return;
    }
    entries.set(key, { item, minuteMs, pending: 1, lastAtMs: nowMs, isWritten: false });
  };

  const add = (item: Item): void => {
    const nowMs = options.clock().getTime();
    const minuteMs = startOf(nowMs);
    const known = entries.get(keyIn(minuteMs, item));
    if (known !== undefined) {
      countUp(known, nowMs);
      return;
    }
    const group = `${minuteMs} ${options.groupOf(item)}`;
    const members = groups.get(group) ?? 0;
    const counted = members < options.mostPerGroup ? item : options.folded(item);
    const key = keyIn(minuteMs, counted);
    const folded = entries.get(key);
    if (folded !== undefined) {
      countUp(folded, nowMs);
      return;
    }
    if (groups.size < options.mostEntries) groups.set(group, members + 1);
    open(key, counted, minuteMs, nowMs);
  };

  const isDue = (entry: Entry<Item>, minuteMs: number): boolean =>
    entry.pending > 0 &&
    (options.writes === 'each_flush' || !entry.isWritten || entry.minuteMs < minuteMs);

  const forgetPast = (minuteMs: number): void => {
    for (const [key, entry] of entries) {
      if (entry.minuteMs < minuteMs && entry.pending === 0) entries.delete(key);
    }
    for (const group of groups.keys()) {
      if (Number.parseInt(group, 10) < minuteMs) groups.delete(group);
    }
  };

  const writeDue = async (minuteMs: number): Promise<void> => {
    const due = [...entries.values()].filter((entry) => isDue(entry, minuteMs));
    const counted = due.map(({ item, minuteMs: startMs, pending, lastAtMs }) => ({
      item,
      minute: new Date(startMs),
      count: pending,
      lastAt: new Date(lastAtMs),
    }));
    if (due.length > 0) {
      try {
        await options.write(counted);
      } catch (error) {
        options.onError(error);
        return;
      }
    }
    for (const [at, entry] of due.entries()) {
      entry.pending -= counted[at]?.count ?? 0;
      entry.isWritten = true;
    }
    forgetPast(minuteMs);
  };

  /** One after the other: two at once would write the same counts twice. */
  const flushAt = async (minuteMs: number): Promise<void> => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- whoever writes clears it while we wait
    while (writing !== undefined) await writing;
    writing = writeDue(minuteMs).finally(() => {
      writing = undefined;
    });
    await writing;
  };

  const flush = () => flushAt(startOf(options.clock().getTime()));
  const timer = setInterval(() => void (writing ?? flush()), options.flushMs);
  return {
    add,
    flush,
    async stop() {
      clearInterval(timer);
      await flushAt(Number.POSITIVE_INFINITY);
    },
  };
}
