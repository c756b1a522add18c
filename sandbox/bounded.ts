/** A list that forgets its oldest entries past `limit`, so that a sandbox left running cannot fill the memory. */
export interface BoundedList<T> {
  add(item: T): void;
  all(): readonly T[];
  clear(): void;
}

export function createBoundedList<T>(limit: number): BoundedList<T> {
  let items: T[] = [];
  return {
    add(item) {
      items.push(item);
      // Cut in bulk: moving the whole list for each entry would make a full one slow.
      if (items.length >= limit * 2) items = items.slice(-limit);
    },
    all: () => items.slice(-limit),
    clear() {
      items = [];
    },
  };
}

/** A map that forgets what was put in first once it holds more than `limit` entries. */
export interface BoundedMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  values(): V[];
  entries(): [string, V][];
  clear(): void;
}

export function createBoundedMap<V>(limit: number): BoundedMap<V> {
  const map = new Map<string, V>();
  return {
    get: (key) => map.get(key),
    set(key, value) {
      map.set(key, value);
      if (map.size <= limit) return;
      for (const oldest of map.keys()) {
        map.delete(oldest);
        return;
      }
    },
    delete: (key) => void map.delete(key),
    values: () => [...map.values()],
    entries: () => [...map.entries()],
    clear: () => map.clear(),
  };
}
