/** What `read` resolved to, for so long; those who ask meanwhile share it. An error is not remembered. */
export function cached<T>(forMs: number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && performance.now() - last.atMs <= forMs) return last.value;
    const value = read();
    const reading = { atMs: performance.now(), value };
    last = reading;
    value.catch(() => {
      if (last === reading) last = undefined;
    });
    return value;
  };
}
