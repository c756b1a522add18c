import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { LEASE_MS } from '../lanes.ts';

const recipient = z.object({
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
 * Reads the lead anew, since it may have changed after the claim, and counts the message in the same
 * statement: of several to one number each waits for the other's count. A delivery counts once, however
 * often it is tried; what does not go out is taken off again when that is written down.
 */
const BEGIN_MESSAGE: Statement<Recipient> = {
  name: 'begin-message',
  text: `
    WITH mine AS (
      UPDATE deliveries d SET is_begun = true, leased_until = now() + $3 * interval '1 millisecond',
        recipient = CASE WHEN CAST($5 AS text) IS NULL THEN
          (SELECT encode(sha256(convert_to(recipient_key(l.phone), 'UTF8')), 'hex')
            FROM leads l WHERE l.client_id = d.client_id AND l.id = d.lead_id) END
      WHERE d.lease = $1 AND d.status = 'delivering' AND d.id = $2
      RETURNING d.id, d.client_id, d.lead_id, d.recipient
    ), facts AS (
      SELECT m.id, m.client_id, m.recipient, COALESCE($5, l.phone) AS phone,
        $5 IS NOT NULL OR l.phone_valid AS phone_valid, l.status,
        l.erased_at IS NOT NULL AS is_erased, CAST(l.consent AS text) AS consent,
        EXISTS (SELECT FROM suppressions s WHERE s.client_id = m.client_id AND s.channel = 'whatsapp'
          AND recipient_key(s.address) = recipient_key(COALESCE($5, l.phone)) AND s.lifted_at IS NULL) AS is_suppressed
      FROM mine m JOIN leads l ON l.client_id = m.client_id AND l.id = m.lead_id
    ), counted AS (
      INSERT INTO recipient_messages AS r (client_id, recipient, sent)
      SELECT client_id, recipient, jsonb_build_object(id, EXTRACT(EPOCH FROM now())) FROM facts
      WHERE recipient IS NOT NULL AND NOT is_suppressed
      ON CONFLICT (client_id, recipient) DO UPDATE SET updated_at = now(), sent = excluded.sent ||
        COALESCE((SELECT jsonb_object_agg(key, value) FROM jsonb_each(r.sent) AS e (key, value)
          WHERE CAST(value AS numeric) > EXTRACT(EPOCH FROM now()) - 86400
            AND NOT excluded.sent ? key), '{}')
      WHERE (SELECT count(*) FROM jsonb_each(r.sent) AS e (key, value)
        WHERE CAST(value AS numeric) > EXTRACT(EPOCH FROM now()) - 86400
          AND NOT excluded.sent ? key) < $4
      RETURNING client_id
    )
    SELECT phone, phone_valid, status, is_erased, consent, is_suppressed,
      $5 IS NOT NULL OR EXISTS (SELECT FROM counted) AS is_within_limit,
      NOT EXISTS (SELECT FROM recipient_messages r
        CROSS JOIN LATERAL jsonb_object_keys(r.sent) AS sent (id)
        JOIN deliveries d ON d.id = CAST(sent.id AS uuid)
        WHERE r.client_id = facts.client_id AND r.recipient = facts.recipient
          AND d.id <> facts.id AND d.status = 'delivering') AS is_settled
    FROM facts`,
  row: recipient,
};

/** To whom a message goes, and how many a day they get at most. */
export interface Addressed {
  readonly mostADay: number;
  /** One of the client's own people, who get as many as there are; null: the lead. */
  readonly to: string | null;
}

/** As `begin`, for a message: whom it goes to now; undefined when the delivery is no longer the lease's own. */
export async function beginMessage(
  run: RunStatement,
  lease: string,
  id: string,
  { mostADay, to }: Addressed,
): Promise<Recipient | undefined> {
  const [row] = await run(BEGIN_MESSAGE, [lease, id, LEASE_MS, mostADay, to]);
  return row;
}
