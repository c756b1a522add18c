import { audit } from '../../../lib/audit/audit.ts';
import type { Failure } from '../../../lib/core/errors.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import { appendEvent } from '../../../lib/events/outbox.ts';
import type { LeadActor } from '../actor.ts';
import { lockLead } from '../store.ts';
import { noSuchLead } from '../writing/deps.ts';
import * as store from './store.ts';

/**
 * Takes everything that says who the person is, wherever it was written down, and keeps that there was a
 * lead and what became of it. Again is no failure and leaves no second trace.
 */
export async function eraseLead(
  deps: { clock: Clock },
  unit: ClientUnit,
  actor: LeadActor,
  id: string,
): Promise<Failure | undefined> {
  const row = await lockLead(unit, actor.identity, id);
  if (row === undefined) return noSuchLead(id);
  if (row.erased_at !== null) return undefined;
  await store.emptyWebhookEvents(unit, row);
  await store.emptyWords(unit, row);
  await store.eraseDeliveries(unit, id);
  await store.eraseHistory(unit, id);
  await store.eraseLeadRow(unit, row, deps.clock());
  await eventsAreBy(unit, actorOf(actor.identity));
  await appendEvent(unit, { leadId: id, kind: 'lead.erased' });
  await audit(unit, actor, { action: 'lead.erase', targetKind: 'lead', targetId: id });
  return undefined;
}
