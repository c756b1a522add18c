import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { leadsInScope } from '../../../lib/hierarchy/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { leadFacts } from '../sending/model.ts';
import type { LeadFilter } from './filter.ts';

export interface Wanted {
  readonly actor: UserIdentity;
  readonly destinationId: string;
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** A lead has to meet each of them. */
  readonly filters: readonly LeadFilter[];
}

interface Condition {
  readonly sql: string;
  readonly bindings: readonly (string | readonly string[])[];
}

/**
 * Leads that the destination has no delivery of, as far as SQL can tell; whether a field is equal to a
 * text it leaves to `matches`, but for most of those that are not. A lead whose own turn is still to come
 * in the fan-out is left to that, or it would be owed twice; one statement sees the cursor and what was
 * made before it moved.
 */
function candidates(unit: ClientUnit, wanted: Wanted): Condition {
  const { clientId } = unit.scope;
  const scope = leadsInScope(wanted.actor);
  const parts: Condition[] = [
    {
      sql: `leads.client_id = ? AND leads.status <> 'spam' AND leads.erased_at IS NULL
        AND NOT EXISTS (SELECT FROM deliveries d
          WHERE d.lead_id = leads.id AND d.destination_id = CAST(? AS uuid))
        AND leads.id NOT IN (SELECT e.lead_id FROM events e
          WHERE e.client_id = ? AND e.kind = 'lead.created' AND (e.xid, e.id) > (
            COALESCE((SELECT c.xid FROM event_cursors c WHERE c.consumer = 'deliveries'), '0'),
            COALESCE((SELECT c.id FROM event_cursors c WHERE c.consumer = 'deliveries'), 0)))`,
      bindings: [clientId, wanted.destinationId, clientId],
    },
    { sql: scope.sql, bindings: scope.bindings },
    ...(wanted.since === undefined
      ? []
      : [{ sql: 'leads.created_at >= CAST(? AS timestamptz)', bindings: [wanted.since] }]),
    ...(wanted.until === undefined
      ? []
      : [{ sql: 'leads.created_at < CAST(? AS timestamptz)', bindings: [wanted.until] }]),
    ...wanted.filters.flatMap(conditionsOf),
  ];
  return {
    sql: parts.map(({ sql }) => `(${sql})`).join(' AND '),
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}

function conditionsOf({ sources, products, statuses, fields }: LeadFilter): Condition[] {
  const oneOf = (column: string, type: string, values: readonly string[] | undefined) =>
    values === undefined
      ? []
      : [{ sql: `leads.${column} = ANY (CAST(? AS ${type}[]))`, bindings: [values] }];
  return [
    ...oneOf('source', 'text', sources),
    ...oneOf('product_id', 'uuid', products),
    ...oneOf('status', 'text', statuses),
    ...Object.entries(fields ?? {}).flatMap(fieldCondition),
  ];
}

/** Fields of the lead's own, which win over those of its form; SQL leaves all of them to `matches`. */
const OWN: ReadonlySet<string> = new Set([
  'id',
  'lead_id',
  'created_at',
  'name',
  'email',
  'phone',
  'source',
  'status',
  'product',
  'lead_reference_id',
]);

function fieldCondition([name, value]: [string, string]): Condition[] {
  if (OWN.has(name)) return [];
  // A list or an object may read as this text, and so may what was too deep and is kept as text.
  return [
    {
      sql: `COALESCE(leads.raw_payload ->> CAST(? AS text), '') = ?
        OR jsonb_typeof(leads.raw_payload -> CAST(? AS text)) IN ('array', 'object')
        OR jsonb_exists(leads.raw_payload, '_unparsed')`,
      bindings: [name, value, name],
    },
  ];
}

const countRow = z.object({ count: z.int() });

export async function countCandidates(unit: ClientUnit, wanted: Wanted): Promise<number> {
  const { sql, bindings } = candidates(unit, wanted);
  const found = await unit.one(
    countRow,
    `SELECT CAST(count(*) AS integer) AS count FROM leads WHERE ${sql}`,
    mutable(bindings),
  );
  return found.count;
}

const leadRow = leadFacts.extend({
  /** No filter asks for it. */
  phone_valid: z.null(),
  product_id: z.string().nullable(),
  /** Read only where a filter names fields. */
  payload: z.string().nullable(),
});
export type Candidate = z.output<typeof leadRow>;

/** The oldest first; `afterId` is the last one seen. */
export async function readCandidates(
  unit: ClientUnit,
  wanted: Wanted,
  { afterId, limit }: { readonly afterId: string | undefined; readonly limit: number },
): Promise<Candidate[]> {
  const { sql, bindings } = candidates(unit, wanted);
  const payload = isByFields(wanted) ? 'CAST(leads.raw_payload AS text)' : 'CAST(NULL AS text)';
  return unit.rows(
    leadRow,
    `SELECT leads.id, leads.name, leads.email, leads.phone, CAST(NULL AS boolean) AS phone_valid,
       leads.source, leads.status, leads.product_id, p.name AS product, leads.lead_reference_id, leads.created_at,
       false AS is_erased, ${payload} AS payload
     FROM leads LEFT JOIN products p ON p.id = leads.product_id
     WHERE ${sql} AND (CAST(? AS uuid) IS NULL OR leads.id > CAST(? AS uuid))
     ORDER BY leads.id LIMIT ?`,
    [...mutable(bindings), afterId ?? null, afterId ?? null, limit],
  );
}

/** Then SQL alone cannot say how many match. */
export const isByFields = ({ filters }: Wanted): boolean =>
  filters.some(({ fields }) => Object.keys(fields ?? {}).length > 0);

function mutable(bindings: Condition['bindings']): (string | string[])[] {
  return bindings.map((value) => (typeof value === 'string' ? value : [...value]));
}
