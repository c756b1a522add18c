import { z } from 'zod';
import { clientIdSchema, type ClientId } from '../../../lib/core/ids.ts';
import type { AllClientsScope, ClientUnit, Unit } from '../../../lib/db/scope.ts';
import type { SourceKey } from './rounds.ts';

const sourceRow = z.object({
  id: z.string(),
  client_id: clientIdSchema,
  page_id: z.string(),
  form_id: z.string().nullable(),
  reconciled_until: z.date().nullable(),
  created_at: z.date(),
  is_active: z.boolean(),
});
export type Source = z.output<typeof sourceRow>;

export async function findSource(unit: ClientUnit, id: string): Promise<Source | undefined> {
  return unit.maybeOne(
    sourceRow,
    `SELECT s.id, s.client_id, page_id, form_id, reconciled_until, s.created_at,
       c.status = 'active' AS is_active
     FROM meta_sources s JOIN clients c USING (client_id) WHERE s.client_id = ? AND s.id = ?`,
    [unit.scope.clientId, id],
  );
}

const sourceKey = z.object({ client_id: clientIdSchema, id: z.string() });

/** Sources of clients at work: what a schedule goes through. */
export async function listSources(unit: Unit<AllClientsScope>): Promise<SourceKey[]> {
  const result = await unit.rows(
    sourceKey,
    `SELECT s.client_id, s.id FROM meta_sources s JOIN clients c USING (client_id)
     WHERE c.status = 'active' ORDER BY s.id`,
  );
  return result.map(({ client_id: clientId, id: sourceId }) => ({ clientId, sourceId }));
}

/** Forms of a page that have a mapping of their own, which beats the page's. */
export async function formsMappedApart(
  unit: Unit<AllClientsScope>,
  source: Pick<Source, 'client_id' | 'page_id'>,
): Promise<ReadonlySet<string>> {
  const result = await unit.rows(
    z.object({ form_id: z.string() }),
    `SELECT form_id FROM meta_sources WHERE page_id = :page AND form_id IS NOT NULL
     UNION SELECT meta_form_id FROM client_integrations
     WHERE meta_page_id = :page AND meta_form_id IS NOT NULL AND client_id <> :client`,
    { page: source.page_id, client: source.client_id },
  );
  return new Set(result.map((row) => row.form_id));
}

const cursorRow = z.object({ reconciled_until: z.date().nullable() });

/** Moves a source's cursor forward, never back; resolves to where it is. */
export async function moveCursor(
  unit: ClientUnit,
  sourceId: string,
  until: Date | null,
): Promise<Date | null> {
  const result = await unit.maybeOne(
    cursorRow,
    `UPDATE meta_sources SET reconciled_until = greatest(reconciled_until, CAST(:until AS timestamptz))
     WHERE client_id = :client AND id = :id RETURNING reconciled_until`,
    { until, client: unit.scope.clientId, id: sourceId },
  );
  return result?.reconciled_until ?? null;
}

/** Events whose leads are stored by now owe nothing any more. */
export async function settleEvents(
  unit: Unit<AllClientsScope>,
  clientId: ClientId,
  leadIds: ReadonlyMap<string, string>,
): Promise<void> {
  await unit.run(
    `UPDATE webhook_events e SET status = 'processed', held_by = NULL, client_id = :client,
       lead_id = t.lead_id, next_attempt_at = NULL, processed_at = now(), last_error_code = NULL,
       last_error_message = NULL
     FROM unnest(CAST(:keys AS text[]), CAST(:leads AS uuid[])) AS t(key, lead_id)
     WHERE e.dedupe_key = t.key AND e.status IN ('received', 'retrying', 'held', 'unmapped', 'failed')`,
    {
      client: clientId,
      keys: [...leadIds.keys()].map((leadgenId) => `leadgen:${leadgenId}`),
      leads: [...leadIds.values()],
    },
  );
}

const undeliveredRow = z.object({
  lead_id: z.string(),
  leadgen_id: z.string(),
  integration: z.string(),
  status: z.string().nullable(),
});

/** Of these leads, what an enabled destination that takes every lead should have got and has not. */
export async function findUndelivered(
  unit: ClientUnit,
  leadIds: readonly string[],
): Promise<z.output<typeof undeliveredRow>[]> {
  return unit.rows(
    undeliveredRow,
    `SELECT l.id AS lead_id, l.lead_reference_id AS leadgen_id, t.name AS integration,
       shown_status(d.status, d.is_trial, lane.held_at) AS status
     FROM destinations t
     JOIN leads l ON l.client_id = t.client_id
     LEFT JOIN deliveries d ON d.client_id = l.client_id AND d.lead_id = l.id
       AND d.destination_id = t.id AND d.occasion = 'created'
     LEFT JOIN lanes lane ON lane.client_id = d.client_id AND lane.lane_key = d.lane_key
     WHERE t.client_id = ? AND t.enabled AND 'lead.created' = ANY(t.occasions) AND t.filter = '{}'
       AND l.id = ANY(?::uuid[]) AND l.erased_at IS NULL
       AND d.status IS DISTINCT FROM 'delivered' AND d.status IS DISTINCT FROM 'skipped'
     ORDER BY l.id, t.name`,
    [unit.scope.clientId, [...leadIds]],
  );
}
