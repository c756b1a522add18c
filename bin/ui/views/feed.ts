/** Hands what a stream brings to a view, which takes it in its own time; the oldest go when it is too much. */
export interface Feed<Item> {
  push(item: Item): void;
  /** Everything since the last call. */
  take(): readonly Item[];
}

export function createFeed<Item>(most: number): Feed<Item> {
  let items: Item[] = [];
  return {
    push(item) {
      items.push(item);
      // Cut in strides, so that a flood does not copy the list for each item.
      if (items.length >= 2 * most) items = items.slice(-most);
    },
    take() {
      const taken = items.slice(-most);
      items = [];
      return taken;
    },
  };
}
