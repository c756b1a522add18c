import { audit } from '../../../lib/audit/audit.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { Database } from '../../../lib/db/database.ts';
import { allClients, clientScope } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import { appendEvent } from '../../../lib/events/outbox.ts';
import { findLead, lockLead } from '../store.ts';
import type { LeadActor } from '../service.ts';
import { noSuchLead } from '../writing/deps.ts';
import * as store from './store.ts';

const WHY = allClients('what Meta sent about a message belongs to no client until it is looked at');

/**
 * Takes everything that says who the person is, wherever it was written down, and keeps that there was a
 * lead and what became of it. Again is no failure and leaves no second trace.
 *
 * What Meta sent goes first, in a transaction of its own, because its rows are of no client: should the
 * second one not come about, the lead is still there to be erased again.
 */
export async function eraseLead(
  deps: { database: Database; clock: Clock },
  actor: LeadActor,
  clientId: ClientId,
  id: string,
): Promise<Failure | undefined> {
  const { database } = deps;
  const keys = await database.inTransaction(clientScope(clientId), async (unit) => {
    const row = await findLead(unit, actor.identity, id);
    return row === undefined ? noSuchLead(id) : store.webhookKeysOf(unit, row);
  });
  if (isFailure(keys)) return keys;
  await database.inTransaction(WHY, (unit) => store.emptyWebhookEvents(unit, id, keys));
  return database.inTransaction(clientScope(clientId), async (unit) => {
    const row = await lockLead(unit, actor.identity, id);
    if (row === undefined) return noSuchLead(id);
    if (row.erased_at !== null) return undefined;
    await store.eraseDeliveries(unit, id);
    await store.eraseHistory(unit, id);
    await store.eraseLeadRow(unit, row, deps.clock());
    await eventsAreBy(unit, actorOf(actor.identity));
    await appendEvent(unit, { leadId: id, kind: 'lead.erased' });
    await audit(unit, actor, { action: 'lead.erase', targetKind: 'lead', targetId: id });
    return undefined;
  });
}
