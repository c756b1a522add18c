import type { TimelineEntry } from './contract.ts';

/**
 * When a lead's number, or address, was said not to be written to, and when that was lifted, as rows of
 * events. Of `:client`, `:phone` and `:email`. A row that was lifted the moment it was made only says that
 * messages are welcome.
 */
export const SUPPRESSIONS_AS_EVENTS = `
  SELECT said.kind, said.data, said.created_at, said.actor, s.id AS xid, said.id
  FROM suppressions s CROSS JOIN LATERAL (VALUES
    (1, 'suppressed', jsonb_strip_nulls(jsonb_build_object('channel', s.channel, 'reason', s.reason)),
      s.said_at, s.actor),
    (2, 'unsuppressed', jsonb_build_object('channel', s.channel), s.lifted_at, s.lifted_actor)
  ) AS said (id, kind, data, created_at, actor)
  WHERE s.client_id = :client AND said.created_at IS NOT NULL
    AND (said.id = 2 OR s.lifted_at IS DISTINCT FROM s.said_at)
    AND recipient_key(s.address) = recipient_key(
      CASE s.channel WHEN 'email' THEN CAST(:email AS text) ELSE CAST(:phone AS text) END)
  ORDER BY s.said_at DESC LIMIT :most`;

/** Puts `others` where their time is; `entries` keep their own order. */
export function mergeByTime(
  entries: readonly TimelineEntry[],
  others: readonly TimelineEntry[],
): TimelineEntry[] {
  const waiting = others.toSorted((one, other) => one.at.localeCompare(other.at));
  const merged = entries.flatMap((entry) => {
    const later = waiting.findIndex(({ at }) => at >= entry.at);
    return [...waiting.splice(0, later === -1 ? waiting.length : later), entry];
  });
  return [...merged, ...waiting];
}
