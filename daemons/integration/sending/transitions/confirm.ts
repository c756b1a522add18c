import { noRows, type RunStatement, type Statement } from '../../../../lib/db/statement.ts';
import { appendUpdates, RELEASING_PROVEN } from './sql.ts';

/** While the call is under way its end takes this into account; there is nothing to tell before. */
const CONFIRM: Statement<unknown> = {
  name: 'confirm-delivery',
  text: `
    WITH known AS (
      SELECT id, is_trial FROM deliveries WHERE id = $1 FOR UPDATE
    ), changed AS (
      UPDATE deliveries d SET provider_status = $2, provider_reference = $3,
        status = CASE WHEN d.status = 'delivering' THEN d.status ELSE 'delivered' END,
        is_trial = d.is_trial AND d.status = 'delivering',
        delivered_at = COALESCE(d.delivered_at, now()), is_doubtful = false, next_attempt_at = NULL,
        last_error_code = NULL, last_error_message = NULL, updated_at = now()
      FROM known k WHERE d.id = k.id
      RETURNING d.*, k.is_trial AS was_trial
    ), told AS (
      ${appendUpdates(`(SELECT * FROM changed WHERE status = 'delivered')`)}
    ), ${RELEASING_PROVEN}
    SELECT id FROM changed`,
  row: noRows,
};

/** The provider says that it went out: it is never sent again. */
export async function confirm(
  run: RunStatement,
  id: string,
  told: { readonly status: string; readonly messageId: string },
): Promise<void> {
  await run(CONFIRM, [id, told.status, told.messageId]);
}
