import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Destination } from './model.ts';

export interface ActingDeps {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly kinds: Kinds;
  readonly announcer: Announcer;
  readonly clock: Clock;
  /** By one call; 20 000 unless told. */
  readonly mostBackfilled?: number;
}

/** In a transaction whose events are the actor's; who waits for deliveries hears of it after the commit. */
export async function acting<T>(
  { database, announcer }: ActingDeps,
  actor: Actor,
  clientId: ClientId,
  act: (unit: ClientUnit) => Promise<T | Failure>,
): Promise<T | Failure> {
  const done = await database.inTransaction(clientScope(clientId), async (unit) => {
    await eventsAreBy(unit, actorOf(actor.identity));
    return act(unit);
  });
  if (!isFailure(done)) {
    announcer.announce('leadctl_deliveries');
    announcer.announce('leadctl_events');
  }
  return done;
}

/** What was done to a destination, in the transaction that does it. */
export async function record(
  unit: ClientUnit,
  actor: Actor,
  action: string,
  { id }: Destination,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await audit(unit, actor, { action, targetKind: 'destination', targetId: id, detail });
}

export function noSuchDestination(id: string): Failure {
  return fail('not_found', `There is no destination ${id} in this client.`);
}
