const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** How long ago, in one unit (`12s`, `5m`, `3h`, `8d`, `2y`); the future as `in 5m`. */
export function age(then: Date, now: Date): string {
  const elapsedMs = now.getTime() - then.getTime();
  if (Number.isNaN(elapsedMs)) return '';
  const text = span(Math.abs(elapsedMs));
  return elapsedMs <= -SECOND_MS ? `in ${text}` : text;
}

function span(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  if (ms < YEAR_MS) return `${Math.floor(ms / DAY_MS)}d`;
  return `${Math.floor(ms / YEAR_MS)}y`;
}
