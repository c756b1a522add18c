/** The wait that a `Retry-After` header names (seconds, or an HTTP date), 0 when it names none. */
export function retryAfterMs(header: string | null, now: Date = new Date()): number {
  if (header === null) return 0;
  const value = header.trim();
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - now.getTime());
}
