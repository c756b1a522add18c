import { z } from 'zod';
import { noRows, type RunStatement, type Statement } from '../../../lib/db/statement.ts';
import type { LeadDraft } from './draft.ts';

/** Columns with their types. */
type Columns = readonly (readonly [column: keyof LeadDraft, type: string])[];

const PLAIN: Columns = [
  ['id', 'uuid'],
  ['client_id', 'text'],
  ['name', 'text'],
  ['email', 'text'],
  ['phone', 'text'],
  ['phone_valid', 'boolean'],
  ['source', 'text'],
  ['product_id', 'uuid'],
  ['consent', 'jsonb'],
  ['status', 'text'],
  ['api_key_id', 'uuid'],
  ['warnings', 'jsonb'],
  ['raw_payload', 'jsonb'],
  ['created_at', 'timestamptz'],
  ['traceparent', 'text'],
];
const FULL: Columns = [
  ...PLAIN,
  ['lead_reference_id', 'text'],
  ['assigned_to_user_client_id', 'uuid'],
];
const KEYED: Columns = [...FULL, ['idempotency_key', 'text'], ['fingerprint', 'bytea']];

/** Drafts as a table, each parameter an array of one column. */
function drafts(columns: Columns): string {
  const arrays = columns.map(([_column, type], index) => `$${index + 1}::${type}[]`);
  return `unnest(${arrays.join(', ')}) AS t(${namesOf(columns)})`;
}

/** Stores what is selected from `source`; whose reference is taken already is not among the `fresh`. */
function fresh(columns: Columns, source: string): string {
  const names = namesOf(columns);
  return `fresh AS (
    INSERT INTO leads (${names}, updated_at) SELECT ${names}, created_at FROM ${source}
    RETURNING id, client_id)`;
}

const ANNOUNCE = `INSERT INTO events (client_id, lead_id, kind)
  SELECT client_id, id, 'lead.created' FROM fresh`;
/** In the order of the unique index, so that two batches do not wait for one another in a circle. */
const ONCE = 'ORDER BY client_id, source, lead_reference_id, id ON CONFLICT DO NOTHING';

const storedRow = z.object({ id: z.string() });

/** Of leads of which none can be a duplicate, as most are: nothing to look for, nothing to tell. */
const INSERT_PLAIN: Statement<unknown> = {
  name: 'insert-plain-leads',
  text: `WITH ${fresh(PLAIN, drafts(PLAIN))} ${ANNOUNCE}`,
  row: noRows,
};

const INSERT_FULL: Statement<z.output<typeof storedRow>> = {
  name: 'insert-leads',
  text: `WITH ${fresh(FULL, `${drafts(FULL)} ${ONCE}`)}, announced AS (${ANNOUNCE})
    SELECT id FROM fresh`,
  row: storedRow,
};

/** Keys first, then the leads that own theirs. */
const INSERT_KEYED: Statement<z.output<typeof storedRow>> = {
  name: 'insert-keyed-leads',
  text: `WITH input AS (SELECT * FROM ${drafts(KEYED)}), claimed AS (
      INSERT INTO idempotency_keys (client_id, key, fingerprint, lead_id, created_at)
      SELECT client_id, idempotency_key, fingerprint, id, created_at FROM input
      WHERE idempotency_key IS NOT NULL ORDER BY client_id, idempotency_key
      ON CONFLICT DO NOTHING
      RETURNING lead_id
    ), ${fresh(
      FULL,
      `input WHERE idempotency_key IS NULL OR id IN (SELECT lead_id FROM claimed) ${ONCE}`,
    )}, announced AS (${ANNOUNCE})
    SELECT id FROM fresh`,
  row: storedRow,
};

/**
 * Stores any number of leads of any clients, each with its event, in one statement and so in one transaction.
 * Resolves to the ids of those that were stored; the others are duplicates of earlier ones.
 */
export async function insertLeads(
  run: RunStatement,
  leads: readonly LeadDraft[],
): Promise<ReadonlySet<string>> {
  if (leads.every(isPlain)) {
    await run(INSERT_PLAIN, valuesOf(PLAIN, leads));
    return new Set(leads.map(({ id }) => id));
  }
  const stored = leads.some((lead) => lead.idempotency_key !== null)
    ? await run(INSERT_KEYED, valuesOf(KEYED, leads))
    : await run(INSERT_FULL, valuesOf(FULL, leads));
  return new Set(stored.map(({ id }) => id));
}

const isPlain = (lead: LeadDraft): boolean =>
  lead.idempotency_key === null &&
  lead.lead_reference_id === null &&
  lead.assigned_to_user_client_id === null;

function namesOf(columns: Columns): string {
  return columns.map(([column]) => column).join(', ');
}

const valuesOf = (columns: Columns, leads: readonly LeadDraft[]) =>
  columns.map(([column]) => leads.map((lead) => lead[column]));
