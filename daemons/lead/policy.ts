import type { ClientUnit } from '../../lib/db/scope.ts';
import { seesWholeClient, type UserIdentity } from '../../lib/identity/identity.ts';

/** May the actor hand a lead to this member? To themselves and anyone below; to anyone of the client for whoever sees all of it. */
export async function mayAssignTo(
  unit: ClientUnit,
  actor: UserIdentity,
  membershipId: string,
): Promise<boolean> {
  const { clientId } = unit.scope;
  if (seesWholeClient(actor)) {
    const member = await unit
      .trx('user_clients')
      .where({ client_id: clientId, id: membershipId })
      .first('id');
    return member !== undefined;
  }
  if (actor.membership === null) return false;
  const below = await unit
    .trx('user_client_hierarchy')
    .where({
      client_id: clientId,
      ancestor_user_client_id: actor.membership.id,
      descendant_user_client_id: membershipId,
    })
    .first('depth');
  return below !== undefined;
}
