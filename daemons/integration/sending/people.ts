import { z } from 'zod';
import type { RunStatement, Statement } from '../../../lib/db/statement.ts';

const person = z.object({ email: z.string(), phone: z.string().nullable() });

const people = z.object({ assignee: person.nullable(), manager: person.nullable() });
/** Who works on a lead, and whom they report to; null where there is nobody, or their account is disabled. */
export type People = z.output<typeof people>;

const FIND: Statement<People> = {
  name: 'find-people-of-lead',
  text: `
    SELECT CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('email', u.email, 'phone', u.phone) END
        AS assignee,
      CASE WHEN m.id IS NOT NULL THEN jsonb_build_object('email', m.email, 'phone', m.phone) END
        AS manager
    FROM leads l
    LEFT JOIN user_clients own ON own.client_id = l.client_id AND own.id = l.assigned_to_user_client_id
    LEFT JOIN users u ON u.id = own.user_id AND u.status <> 'disabled'
    LEFT JOIN user_clients above ON above.client_id = l.client_id
      AND above.id = own.reports_to_user_client_id
    LEFT JOIN users m ON m.id = above.user_id AND m.status <> 'disabled'
    WHERE l.client_id = $1 AND l.id = $2`,
  row: people,
};

export async function peopleOf(
  run: RunStatement,
  clientId: string,
  leadId: string,
): Promise<People> {
  const [found] = await run(FIND, [clientId, leadId]);
  return found ?? { assignee: null, manager: null };
}
