import { z } from 'zod';
import type { Unit } from '../db/scope.ts';
import type { Identity } from '../identity/identity.ts';

/** Who made something happen to a lead. */
export const eventActorSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['member', 'administrator', 'api_key']), id: z.string() }),
  /** Its name stays with the event: a token that is gone is still told by it. */
  z.object({ kind: z.literal('machine_token'), id: z.string(), name: z.string() }),
  z.object({ kind: z.enum(['meta', 'system']) }),
]);
export type EventActor = z.output<typeof eventActorSchema>;

/**
 * Every event that is appended in this transaction from here on is this actor's, whichever statement
 * appends it. Said by whoever opens the transaction; where nobody says it, the system did it.
 */
export async function eventsAreBy(unit: Unit, actor: EventActor): Promise<void> {
  await unit.run("SELECT set_config('app.actor', ?, true)", [JSON.stringify(actor)]);
}

/** The actor behind a caller whom the gateway vouches for. */
export function actorOf(identity: Identity): EventActor {
  switch (identity.kind) {
    case 'user':
      return { kind: identity.isAdmin ? 'administrator' : 'member', id: identity.userId };
    case 'token':
      return { kind: 'machine_token', id: identity.tokenId, name: identity.name };
    case 'service':
    case 'anonymous':
      return { kind: 'system' };
  }
}
