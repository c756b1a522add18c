import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { keepLease } from '../../../../lib/queue/leave.ts';
import { LEASE_MS } from '../lanes.ts';
import type { Leased } from './begin.ts';
import { DELIVERIES } from './table.ts';

const recipient = z.object({
  id: z.string(),
  phone: z.string().nullable(),
  phone_valid: z.boolean().nullable(),
  status: z.string(),
  is_erased: z.boolean(),
  /** As JSON text, which may be nested as deep as its sender liked. */
  consent: z.string().nullable(),
  is_suppressed: z.boolean(),
  /** False when the number has had its day's messages already. */
  is_within_limit: z.boolean(),
  /** False while some of those that count are still under way, and may not go out. */
  is_settled: z.boolean(),
});
/** Whom a message is about to go to, as they are at this moment. */
export type Recipient = z.output<typeof recipient>;

/**
 * Reads the leads anew, since they may have changed after the claim, and counts the messages in the same
 * statement: of several to one number each waits for the other's count, and so two of one statement must
 * not go to the same (PostgreSQL refuses to count a row twice). Counted in one order by everybody, so that
 * no two statements wait for each other. A delivery counts once, however often it is tried; what does not
 * go out is taken off again when that is written down.
 */
const BEGIN_MESSAGES: Statement<Recipient> = {
  name: 'begin-messages',
  text: `
    WITH mine AS (
      UPDATE deliveries d SET is_begun = true, ${keepLease(DELIVERIES, '$4')},
        recipient = CASE WHEN given.own IS NULL THEN
          (SELECT encode(sha256(convert_to(recipient_key(l.phone), 'UTF8')), 'hex')
            FROM leads l WHERE l.client_id = d.client_id AND l.id = d.lead_id) END
      FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[]), CAST($3 AS text[])) AS given (lease, id, own)
      WHERE d.id = given.id AND d.lease = given.lease AND d.status = 'delivering'
      RETURNING d.id, d.client_id, d.lead_id, d.recipient, given.own
    ), facts AS (
      SELECT m.id, m.client_id, m.recipient, m.own, COALESCE(m.own, l.phone) AS phone,
        m.own IS NOT NULL OR l.phone_valid AS phone_valid, l.status,
        l.erased_at IS NOT NULL AS is_erased, CAST(l.consent AS text) AS consent,
        EXISTS (SELECT FROM suppressions s WHERE s.client_id = m.client_id AND s.channel = 'whatsapp'
          AND recipient_key(s.address) = recipient_key(COALESCE(m.own, l.phone)) AND s.lifted_at IS NULL) AS is_suppressed
      FROM mine m JOIN leads l ON l.client_id = m.client_id AND l.id = m.lead_id
    ), counted AS (
      INSERT INTO recipient_messages AS r (client_id, recipient, sent)
      SELECT client_id, recipient, jsonb_build_object(id, EXTRACT(EPOCH FROM now())) FROM facts
      WHERE recipient IS NOT NULL AND NOT is_suppressed
      ORDER BY client_id, recipient
      ON CONFLICT (client_id, recipient) DO UPDATE SET updated_at = now(), sent = excluded.sent ||
        COALESCE((SELECT jsonb_object_agg(key, value) FROM jsonb_each(r.sent) AS e (key, value)
          WHERE CAST(value AS numeric) > EXTRACT(EPOCH FROM now()) - 86400
            AND NOT excluded.sent ? key), '{}')
      WHERE (SELECT count(*) FROM jsonb_each(r.sent) AS e (key, value)
        WHERE CAST(value AS numeric) > EXTRACT(EPOCH FROM now()) - 86400
          AND NOT excluded.sent ? key) < $5
      RETURNING client_id, recipient
    )
    SELECT id, phone, phone_valid, status, is_erased, consent, is_suppressed,
      own IS NOT NULL OR EXISTS (SELECT FROM counted c WHERE c.client_id = facts.client_id
        AND c.recipient = facts.recipient) AS is_within_limit,
      NOT EXISTS (SELECT FROM recipient_messages r
        CROSS JOIN LATERAL jsonb_object_keys(r.sent) AS sent (id)
        JOIN deliveries d ON d.id = CAST(sent.id AS uuid)
        WHERE r.client_id = facts.client_id AND r.recipient = facts.recipient
          AND d.id <> facts.id AND d.status = 'delivering') AS is_settled
    FROM facts`,
  row: recipient,
};

/** A message that is about to go out. */
export interface Addressed extends Leased {
  /** One of the client's own people, who get as many as there are; null: the lead. */
  readonly own: string | null;
}

/**
 * As `begin`, for messages: whom they go to now, by delivery; one that is no longer its lease's own is
 * missing. No two of them may go to the same lead's number. `mostADay`: to one number, of one client.
 */
export async function beginMessages(
  run: RunStatement,
  given: readonly Addressed[],
  mostADay: number,
): Promise<ReadonlyMap<string, Recipient>> {
  const rows = await run(BEGIN_MESSAGES, [
    given.map(({ lease }) => lease),
    given.map(({ id }) => id),
    given.map(({ own }) => own),
    LEASE_MS,
    mostADay,
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}
