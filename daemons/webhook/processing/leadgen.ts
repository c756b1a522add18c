import type { ClientId } from '../../../lib/core/ids.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { decide } from '../../../lib/providers/decide.ts';
import type { GraphResult } from '../../../lib/providers/meta/graph.ts';
import type { MetaLead } from '../../../lib/providers/meta/lead.ts';
import { paceMs } from '../../../lib/providers/meta/usage.ts';
import type { ProviderFailure } from '../../../lib/providers/outcome.ts';
import { traced } from '../../../lib/telemetry/traced.ts';
import type { SpanKind, SpanStart } from '../../../lib/telemetry/tracing.ts';
import { liftHold, placeHold } from '../sources/holds.ts';
import type { Mapping } from '../sources/mapping.ts';
import { META_SOURCES, toProvidedLead } from '../sources/meta-lead.ts';
import type { PageToken } from '../sources/token.ts';
import type { MetaReadingDeps } from './deps.ts';
import type { Lookups, PageAccess } from './lookups.ts';
import type { Pauses } from './pauses.ts';
import type { ClaimedEvent, Outcome } from './queue.ts';

interface LeadgenEvent extends ClaimedEvent {
  readonly page_id: string;
  readonly leadgen_id: string;
}

export type LeadgenDeps = MetaReadingDeps & { readonly pauses: Pauses; readonly lookups: Lookups };

/** Fetches the lead that an event names and hands it on to be stored. */
export async function processLeadgen(
  deps: LeadgenDeps,
  event: ClaimedEvent,
  signal: AbortSignal,
): Promise<Outcome> {
  if (!isLeadgen(event)) return unmapped(null);
  const mapping = await deps.lookups.mappingOf(event.page_id, event.form_id);
  if (mapping.kind !== 'mapped') return unmapped(mapping);
  const { clientId } = mapping;
  if (!mapping.isActive) {
    const message = 'The client is suspended or archived; this goes on when it is active again.';
    return { to: 'held', by: 'client', clientId, reason: { code: 'client_suspended', message } };
  }
  return fetchFor(deps, event, clientId, signal);
}

async function fetchFor(
  deps: LeadgenDeps,
  event: LeadgenEvent,
  clientId: ClientId,
  signal: AbortSignal,
): Promise<Outcome> {
  const page = `${clientId}/${event.page_id}`;
  const access = await deps.lookups.accessTo(clientId, event.page_id);
  const { token, hold } = access;
  if (hold?.stands) {
    const { code, message } = hold;
    return { to: 'held', by: 'page', clientId, reason: { code, message } };
  }
  if (token.kind !== 'token') return holdPage(deps, event, clientId, token, token, null);
  const waitMs = deps.pauses.takeTurnMs(page);
  if (waitMs > 0) return { to: 'waiting', delayMs: waitMs };
  const { leadgen_id: leadgenId } = event;
  const { accessToken } = token;
  const result = await traced(deps.tracing, 'meta.fetch', partOf(event, clientId, 'client'), () =>
    deps.meta.getLead({ leadgenId, accessToken, signal }),
  );
  if (result.kind !== 'ok' && result.code === 'timeout') deps.pauses.timedOut(page);
  else deps.pauses.answered(page);
  deps.pauses.pause(page, paceMs(result.call.usage));
  return result.kind === 'ok'
    ? keep(deps, event, clientId, result.value, access)
    : afterFailure(deps, event, clientId, token, result);
}

async function keep(
  deps: LeadgenDeps,
  event: LeadgenEvent,
  clientId: ClientId,
  lead: MetaLead,
  { hold }: PageAccess,
): Promise<Outcome> {
  if (hold) {
    await deps.database.inTransaction(clientScope(clientId), (unit) =>
      liftHold(unit, event.page_id),
    );
    deps.lookups.forget(clientId, event.page_id);
  }
  if (event.form_id === null && lead.formId !== null) {
    const mapping = await deps.lookups.mappingOf(event.page_id, lead.formId);
    // The form belongs to somebody else than its page: that is where the lead goes.
    if (mapping.kind === 'mapped' && mapping.clientId !== clientId) {
      return { to: 'waiting', delayMs: 0, formId: lead.formId };
    }
  }
  const context = { pageId: event.page_id, formId: event.form_id, object: event.object };
  // By the id that the event names: it is what makes the lead one.
  const fetched = { ...toProvidedLead(lead, context), referenceId: event.leadgen_id };
  const [written] = await traced(
    deps.tracing,
    'lead.store',
    partOf(event, clientId, 'internal'),
    (traceparent) =>
      deps.leads.write(clientId, META_SOURCES, [{ ...fetched, traceparent: traceparent ?? null }]),
  );
  if (written === undefined) throw new Error('the lead writer answered for no lead');
  return written.kind === 'refused'
    ? {
        to: 'held',
        by: 'event',
        clientId,
        reason: { code: written.code, message: written.message },
      }
    : { to: 'processed', clientId, leadId: written.leadId };
}

async function afterFailure(
  deps: LeadgenDeps,
  event: LeadgenEvent,
  clientId: ClientId,
  token: PageToken,
  failure: ProviderFailure & Pick<GraphResult<MetaLead>, 'call'>,
): Promise<Outcome> {
  const reason = { code: failure.code, message: failure.message };
  const decision = decide(failure, {
    attempt: event.attempts,
    ageMs: event.age_ms,
    ...(deps.random ? { random: deps.random } : {}),
  });
  switch (decision.next) {
    case 'retrying':
      if (decision.scope === 'lane') {
        deps.pauses.pause(`${clientId}/${event.page_id}`, decision.delayMs);
      }
      return { to: 'retrying', delayMs: decision.delayMs, clientId, reason };
    case 'held': {
      const told = { code: reason.code, message: `${reason.message} – ${decision.remedy}` };
      return decision.scope === 'lane'
        ? holdPage(deps, event, clientId, token, told, decision.recheckAfterMs)
        : { to: 'held', by: 'event', clientId, reason: told };
    }
    case 'failed':
      return { to: 'failed', clientId, reason };
    case 'unknown':
    case 'delivered':
      throw new Error(`reading a lead cannot end as ${decision.next}`);
  }
}

async function holdPage(
  deps: LeadgenDeps,
  event: LeadgenEvent,
  clientId: ClientId,
  token: PageToken,
  reason: { readonly code: string; readonly message: string },
  recheckAfterMs: number | null,
): Promise<Outcome> {
  const { code, message } = reason;
  const hold = { pageId: event.page_id, code, message, tokenMark: token.mark, recheckAfterMs };
  const isNews = await deps.database.inTransaction(clientScope(clientId), (unit) =>
    placeHold(unit, hold),
  );
  deps.lookups.forget(clientId, event.page_id);
  if (isNews) {
    deps.alert({ kind: 'meta_page_held', clientId, pageId: event.page_id, code, message });
  }
  return { to: 'held', by: 'page', clientId, reason: { code, message } };
}

function unmapped(mapping: Mapping | null): Outcome {
  if (mapping?.kind !== 'ambiguous') return { to: 'unmapped', reason: null };
  const message =
    'Several clients name this page in their settings: add it as a Meta source of the one that owns it.';
  return { to: 'unmapped', reason: { code: 'ambiguous_mapping', message } };
}

const partOf = (event: LeadgenEvent, clientId: ClientId, kind: SpanKind): SpanStart => ({
  kind,
  parent: event.traceparent ?? undefined,
  attributes: { 'leadctl.client': clientId, 'leadctl.event': event.id },
});

function isLeadgen(event: ClaimedEvent): event is LeadgenEvent {
  return event.page_id !== null && event.leadgen_id !== null;
}
