import { noRows, type RunStatement, type Statement } from '../../../../lib/db/statement.ts';
import { inMs } from '../../../../lib/queue/table.ts';
import type { AttemptResult } from '../model.ts';
import { appendUpdates } from './sql.ts';

const BOUNCE: Statement<unknown> = {
  name: 'bounce-delivery',
  text: `
    WITH changed AS (
      UPDATE deliveries d SET provider_status = 'failed', provider_reference = $2, status = $3,
        next_attempt_at = CASE WHEN $3 = 'retrying'
          THEN ${inMs('$4')} END,
        delivered_at = NULL, is_doubtful = false, is_trial = false, last_error_code = $5,
        last_error_message = $6, updated_at = now()
      WHERE d.id = $1 RETURNING d.*
    ), told AS (${appendUpdates('changed')})
    SELECT id FROM changed`,
  row: noRows,
};

/** The provider accepted it and says now that it failed: what follows is `result`. */
export async function bounce(
  run: RunStatement,
  messageId: string,
  { id, status, next_in_ms, code, message }: AttemptResult,
): Promise<void> {
  await run(BOUNCE, [id, messageId, status, next_in_ms ?? 0, code, message]);
}
