import { audit } from '../../../lib/audit/audit.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import { appendEvent } from '../../../lib/events/outbox.ts';
import type { Lead, NewLead } from '../contract.ts';
import { present } from '../present.ts';
import type { LeadActor } from '../actor.ts';
import { findLead, isProductGone } from '../store.ts';
import { refuseUnreachable } from './contact.ts';
import { productNotOffered, refuseAssignee, type WritingDeps } from './deps.ts';
import { draftLead, type LeadDraft } from './draft.ts';
import { insertLeads } from './insert.ts';

/** A lead that a person enters. */
export async function createLead(
  deps: WritingDeps,
  unit: ClientUnit,
  actor: LeadActor,
  input: NewLead,
): Promise<Lead | Failure> {
  const { clientId } = unit.scope;
  if ((input.name ?? input.email ?? input.phone) === undefined) {
    return refuseUnreachable();
  }
  if (input.product_id && !(await deps.isProductEnabled(clientId, input.product_id))) {
    return productNotOffered();
  }
  // Whoever enters a lead keeps it in sight: without an assignee it becomes their own.
  const assignee = input.assigned_to_user_client_id ?? actor.identity.membership?.id ?? null;
  const refusal = await refuseAssignee(unit, actor.identity, assignee);
  if (refusal) return refusal;
  const draft = draftLead({
    client_id: clientId,
    name: input.name ?? null,
    email: input.email ?? null,
    phone: input.phone ?? null,
    source: input.source,
    lead_reference_id: input.lead_reference_id ?? null,
    product_id: input.product_id ?? null,
    consent: input.consent == null ? null : JSON.stringify(input.consent),
    assigned_to_user_client_id: assignee,
    payload: { text: JSON.stringify(input) },
    created_at: deps.clock(),
    defaultCountry: await deps.defaultCountryOf(unit),
  });
  await eventsAreBy(unit, actorOf(actor.identity));
  const failure = await insertOne(unit, draft);
  if (failure) return failure;
  if (assignee !== null) {
    const data = { assigned_to: [null, assignee] };
    await appendEvent(unit, { leadId: draft.id, kind: 'lead.updated', data });
  }
  await audit(unit, actor, { action: 'lead.create', targetKind: 'lead', targetId: draft.id });
  const row = await findLead(unit, actor.identity, draft.id);
  if (row === undefined) throw new Error('a lead that was just entered is not there');
  return present(row);
}

async function insertOne(unit: ClientUnit, draft: LeadDraft): Promise<Failure | undefined> {
  try {
    const stored = await insertLeads(inUnit(unit), [draft]);
    return stored.has(draft.id)
      ? undefined
      : fail('conflict', `There is a lead from ${draft.source} with this lead_reference_id.`);
  } catch (error) {
    // The product was taken from the client just now.
    if (isProductGone(error)) return productNotOffered();
    throw error;
  }
}
