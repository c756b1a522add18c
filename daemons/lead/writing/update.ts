import { audit } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import { appendEvent } from '../../../lib/events/outbox.ts';
import type { Lead, LeadChange } from '../contract.ts';
import { present } from '../present.ts';
import type { LeadActor } from '../actor.ts';
import * as store from '../store.ts';
import { planChange } from './change.ts';
import { noSuchLead, productNotOffered, refuseAssignee, type WritingDeps } from './deps.ts';

/** Changes a lead and keeps what was there before; what is as it should be already leaves no trace. */
export async function updateLead(
  deps: WritingDeps,
  unit: ClientUnit,
  actor: LeadActor,
  id: string,
  change: LeadChange,
): Promise<Lead | Failure> {
  const before = await store.lockLead(unit, actor.identity, id);
  if (before === undefined) return noSuchLead(id);
  if (before.erased_at !== null) {
    return fail('conflict', `Lead ${id} was erased; nothing can be written to it any more.`);
  }
  const refusal = await refuseAssignee(unit, actor.identity, change.assigned_to_user_client_id);
  if (refusal) return refusal;
  const country = change.phone == null ? null : await deps.defaultCountryOf(unit);
  const plan = planChange(before, change, { defaultCountry: country });
  if (isFailure(plan)) return plan;
  const { patch, history, masked } = plan;
  if (Object.keys(patch).length === 0) return present(before);
  if (patch.product_id && !(await deps.isProductEnabled(unit.scope.clientId, patch.product_id))) {
    return productNotOffered();
  }
  const after = await store.updateLead(unit, id, { ...patch, updated_at: deps.clock() });
  if (after === undefined) return noSuchLead(id);
  if (after === 'product_gone') return productNotOffered();
  await eventsAreBy(unit, actorOf(actor.identity));
  await appendEvent(unit, { leadId: id, kind: 'lead.updated', data: history });
  await audit(unit, actor, {
    action: 'lead.update',
    targetKind: 'lead',
    targetId: id,
    detail: masked,
  });
  return present(after);
}
