import type { Pool } from 'pg';
import { newId } from '../../../lib/core/ids.ts';
import type { IncomingEvent } from './event.ts';

/** A signed post and what it tells of. */
export interface IncomingPost {
  readonly id: string;
  readonly body: Buffer;
  /** Of the trace in which it came, where that is recorded. */
  readonly traceparent: string | null;
  readonly events: readonly IncomingEvent[];
}

/**
 * One statement, so one transaction, for any number of posts with all their events. Known events
 * are left as they are; inserting in the order of the unique index keeps two batches with the same
 * events from waiting for one another in a circle.
 */
const INSERT_POSTS = `
  WITH posts AS (
    INSERT INTO webhook_posts (id, body) SELECT * FROM unnest($1::uuid[], $2::bytea[])
  )
  INSERT INTO webhook_events (id, post_id, object, field, dedupe_key, page_id, form_id, leadgen_id,
    value, status, last_error_code, last_error_message, next_attempt_at, traceparent)
  SELECT id, post_id, object, field, dedupe_key, page_id, form_id, leadgen_id, value,
    CASE WHEN code IS NULL THEN 'received' ELSE 'ignored' END, code, message,
    CASE WHEN code IS NULL THEN now() END, traceparent
  FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::jsonb[], $12::text[], $13::text[], $14::text[])
    AS t(id, post_id, object, field, dedupe_key, page_id, form_id, leadgen_id, value, code, message,
      traceparent)
  ORDER BY dedupe_key
  ON CONFLICT DO NOTHING`;

/** Commits posts; resolves to one `'stored'` a post. */
export async function insertPosts(pool: Pool, posts: readonly IncomingPost[]): Promise<'stored'[]> {
  const rows = posts.flatMap(({ id, events, traceparent }) =>
    events.map((event) => ({ ...event, postId: id, traceparent })),
  );
  await pool.query({
    name: 'insert-webhook-posts',
    text: INSERT_POSTS,
    values: [
      posts.map(({ id }) => id),
      posts.map(({ body }) => body),
      rows.map(() => newId()),
      rows.map((row) => row.postId),
      rows.map((row) => row.object),
      rows.map((row) => row.field),
      rows.map((row) => row.dedupeKey),
      rows.map((row) => row.pageId),
      rows.map((row) => row.formId),
      rows.map((row) => row.leadgenId),
      rows.map((row) => row.value),
      rows.map((row) => row.ignored?.code ?? null),
      rows.map((row) => row.ignored?.message ?? null),
      rows.map((row) => row.traceparent),
    ],
  });
  return posts.map(() => 'stored');
}
