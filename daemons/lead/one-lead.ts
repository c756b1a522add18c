import { z } from 'zod';
import type { ClientScope } from '../../lib/db/scope.ts';
import type { ScopedRead } from '../../lib/db/scoped-read.ts';
import type { Statement } from '../../lib/db/statement.ts';
import { leadsInScope, type SqlCondition } from '../../lib/hierarchy/scope.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import { OUTLINE_COLUMNS, type StoredLead } from './rows.ts';

/** One lead in one round trip: what is read most often. */
export interface LeadReads {
  /** Where the actor may act on it. */
  find(scope: ClientScope, actor: UserIdentity, id: string): Promise<StoredLead | undefined>;
  /** Whoever may see all of the client. */
  findAny(scope: ClientScope, id: string): Promise<StoredLead | undefined>;
}

const EVERYTHING: SqlCondition = { sql: 'TRUE', bindings: [] };

export function createLeadReads(read: ScopedRead): LeadReads {
  // Conditions differ in kind and not in text: there are as many statements as kinds of readers.
  const statements = new Map<string, Statement<StoredLead>>();
  const find = async (scope: ClientScope, id: string, { sql, bindings }: SqlCondition) => {
    const statement = statements.get(sql) ?? leadWithin(sql, statements.size);
    statements.set(sql, statement);
    const [found] = await read(scope, statement, [id, ...bindings]);
    return found;
  };
  return {
    find: (scope, actor, id) => find(scope, id, leadsInScope(actor)),
    findAny: (scope, id) => find(scope, id, EVERYTHING),
  };
}

const leadRow: z.ZodType<StoredLead> = z.object({
  id: z.string(),
  client_id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  phone_valid: z.boolean().nullable(),
  source: z.string(),
  lead_reference_id: z.string().nullable(),
  product_id: z.string().nullable(),
  consent: z.string().nullable(),
  status: z.enum(['new', 'contacted', 'qualified', 'won', 'lost', 'spam']),
  assigned_to_user_client_id: z.string().nullable(),
  api_key_id: z.string().nullable(),
  warnings: z.array(z.string()).nullable(),
  raw_payload: z.string(),
  created_at: z.date(),
  updated_at: z.date(),
  erased_at: z.date().nullable(),
});

const COLUMNS = [
  ...OUTLINE_COLUMNS.map((name) => `leads.${name}`),
  'leads.consent::text AS consent',
  'leads.raw_payload::text AS raw_payload',
].join(', ');

function leadWithin(condition: string, number: number): Statement<StoredLead> {
  // $1 is the scope's, $2 the lead.
  let place = 2;
  const numbered = condition.replaceAll('?', () => `$${(place += 1)}`);
  return {
    name: `one-lead-${number}`,
    text: `SELECT ${COLUMNS} FROM leads
      WHERE leads.client_id = scope.client_id AND leads.id = $2 AND ${numbered}`,
    row: leadRow,
  };
}
