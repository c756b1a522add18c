import { allClients, clientScope } from '../../../lib/db/scope.ts';
import type { MetaLead } from '../../../lib/providers/meta/lead.ts';
import type { ReconcileReport } from '../contract.ts';
import type { MetaReadingDeps } from '../processing/deps.ts';
import { META_SOURCES, toProvidedLead } from '../sources/meta-lead.ts';
import type { Scan } from './scan.ts';
import { findUndelivered, settleEvents, type Source } from './store.ts';

/** What one call has found; the wire's names. */
export type Findings = Pick<
  ReconcileReport,
  'checked' | 'missing' | 'filled' | 'failed' | 'undelivered'
>;

const MOST_UNDELIVERED = 200;

/** Compares a page of a form's leads with ours, stores the missing ones, and takes note of both. */
export async function comparePage(
  deps: MetaReadingDeps,
  source: Source,
  formId: string,
  leads: readonly MetaLead[],
  scan: Scan,
  findings: Findings,
): Promise<void> {
  if (leads.length === 0) return;
  const clientId = source.client_id;
  const ids = leads.map(({ id }) => id);
  const stored = new Map(await deps.leads.find(clientId, META_SOURCES, ids));
  const missing = leads.filter(({ id }) => !stored.has(id));
  const undelivered = await deps.database.inTransaction(clientScope(clientId), (unit) =>
    findUndelivered(unit, [...stored.values()]),
  );
  const context = { pageId: source.page_id, formId };
  const written = await deps.leads.write(
    clientId,
    META_SOURCES,
    missing.map((lead) => toProvidedLead(lead, context)),
  );
  for (const [index, lead] of missing.entries()) {
    const result = written[index];
    if (result === undefined) throw new Error('the lead writer answered for fewer leads');
    if (result.kind === 'refused') {
      findings.failed.push({ ...atMeta(lead), code: result.code, message: result.message });
      scan.oldestFailedMs = least(scan.oldestFailedMs, lead.createdAt.getTime());
    } else {
      stored.set(lead.id, result.leadId);
      findings.filled += 1;
    }
  }
  const newest = leads.filter(({ id }) => stored.has(id)).map((lead) => lead.createdAt.getTime());
  scan.newestMs = Math.max(scan.newestMs ?? 0, ...newest) || null;
  findings.checked += leads.length;
  findings.missing += missing.length;
  const byId = new Map(leads.map((lead) => [lead.id, lead]));
  for (const { leadgen_id: id, ...gap } of undelivered) {
    const lead = byId.get(id);
    if (lead !== undefined && findings.undelivered.length < MOST_UNDELIVERED) {
      findings.undelivered.push({ ...atMeta(lead), ...gap });
    }
  }
  await deps.database.inTransaction(
    allClients('an event has no client before it is mapped'),
    (unit) => settleEvents(unit, clientId, stored),
  );
}

function atMeta(lead: MetaLead) {
  return { leadgen_id: lead.id, created_at: lead.createdAt.toISOString() };
}

function least(a: number | null, b: number): number {
  return a === null ? b : Math.min(a, b);
}
