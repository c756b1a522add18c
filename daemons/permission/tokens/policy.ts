import { decide, permissionKey } from '../../../lib/access/decide.ts';
import { isAtTop, type Standing } from '../../../lib/access/in-client.ts';
import { loadPrincipal, loadRoles } from '../../../lib/access/load.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { userScope, type ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';

const LIST = permissionKey('GET', '/api/tokens');

/**
 * A client's token sees all of the client, so that it is made by whoever sees all of it too: admins,
 * the client's other tokens, and the members who report to nobody.
 */
export async function refuseBelowTop(
  unit: ClientUnit,
  standing: Standing,
): Promise<Failure | undefined> {
  return (await isAtTop(unit, standing))
    ? undefined
    : fail(
        'forbidden',
        'A machine token sees all of its client: only members who report to nobody make one.',
      );
}

/** The clients whose tokens the actor may list; everybody's for admins. */
export async function clientsListedTo(
  database: Database,
  actor: UserIdentity,
): Promise<readonly ClientId[] | 'all'> {
  if (actor.isAdmin) return 'all';
  if (actor.kind === 'token') return actor.role ? [actor.role.clientId] : [];
  return database.inTransaction(userScope(actor.userId), async (unit) => {
    const principal = await loadPrincipal(unit, actor.userId);
    if (principal === undefined) return [];
    const roles = await loadRoles(unit);
    const mayListIn = (clientId: ClientId) =>
      decide(principal, (id) => roles.get(id), { access: 'grant', permission: LIST, clientId })
        .allowed;
    return principal.memberships.map(({ clientId }) => clientId).filter(mayListIn);
  });
}
