import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';

export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** Its lane is held by what led to it; this only keeps new leads from being owed to it. */
const DISABLE: Statement<{ id: string }> = {
  name: 'disable-destination',
  text: `
    UPDATE destinations SET enabled = false, disabled_code = $2, disabled_message = $3,
      updated_at = now()
    WHERE id = $1 AND enabled RETURNING id`,
  row: z.object({ id: z.string() }),
};

/** False when it was switched off already. */
export async function disable(
  run: RunStatement,
  destinationId: string,
  { code, message }: Reason,
): Promise<boolean> {
  return (await run(DISABLE, [destinationId, code, message])).length > 0;
}
