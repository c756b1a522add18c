import { audit } from '../../../lib/audit/audit.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import { appendEvent } from '../../../lib/events/outbox.ts';
import { storePayload } from '../../../lib/leads/payload.ts';
import type { Lead, NewLead } from '../contract.ts';
import { present } from '../present.ts';
import type { LeadActor } from '../service.ts';
import { insertLead } from '../store.ts';
import { NEEDS_CONTACT, normaliseEmail, normalisePhone } from './contact.ts';
import { productNotOffered, refuseAssignee, type WritingDeps } from './deps.ts';

/** A lead that a person enters. */
export async function createLead(
  deps: WritingDeps,
  unit: ClientUnit,
  actor: LeadActor,
  input: NewLead,
): Promise<Lead | Failure> {
  const { clientId } = unit.scope;
  if ((input.name ?? input.email ?? input.phone) === undefined) {
    return fail('validation_failed', 'A lead needs a name, an email or a phone.', {
      errors: [{ path: 'body', message: NEEDS_CONTACT }],
    });
  }
  if (input.product_id && !(await deps.isProductEnabled(clientId, input.product_id))) {
    return productNotOffered();
  }
  // Whoever enters a lead keeps it in sight: without an assignee it becomes their own.
  const assignee = input.assigned_to_user_client_id ?? actor.identity.membership?.id ?? null;
  const refusal = await refuseAssignee(unit, actor.identity, assignee);
  if (refusal) return refusal;
  const phone = normalisePhone(input.phone ?? null, await deps.defaultCountryOf(unit));
  const row = await insertLead(unit, {
    id: newId(),
    name: input.name ?? null,
    email: input.email === undefined ? null : normaliseEmail(input.email),
    phone: phone.value,
    phone_valid: phone.isValid,
    source: input.source,
    lead_reference_id: input.lead_reference_id ?? null,
    product_id: input.product_id ?? null,
    consent: input.consent == null ? null : storePayload(JSON.stringify(input.consent)),
    assigned_to_user_client_id: assignee,
    warnings: null,
    raw_payload: storePayload(JSON.stringify(input)),
    created_at: deps.clock(),
  });
  if (row === 'reference_taken') {
    return fail('conflict', `There is a lead from ${input.source} with this lead_reference_id.`);
  }
  if (row === 'product_gone') return productNotOffered();
  await eventsAreBy(unit, actorOf(actor.identity));
  await appendEvent(unit, { leadId: row.id, kind: 'lead.created' });
  if (assignee !== null) {
    const data = { assigned_to: [null, assignee] };
    await appendEvent(unit, { leadId: row.id, kind: 'lead.updated', data });
  }
  await audit(unit, actor, { action: 'lead.create', targetKind: 'lead', targetId: row.id });
  return present(row);
}
