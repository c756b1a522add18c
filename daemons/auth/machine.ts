import { loadRoles } from '../../lib/access/load.ts';
import type { Unit } from '../../lib/db/scope.ts';
import type { TokenIdentity } from '../../lib/identity/identity.ts';
import type { Me } from './contract.ts';

/** What a machine token is told of itself; the gateway has just seen that it is live. */
export async function aboutToken(
  unit: Unit,
  { tokenId, name, isAdmin, role }: TokenIdentity,
): Promise<Me> {
  const held = role && (await loadRoles(unit, [role.roleId])).get(role.roleId);
  return {
    id: tokenId,
    email: null,
    is_admin: isAdmin,
    status: 'active',
    phone: null,
    email_proven: false,
    has_totp: false,
    machine_token: name,
    memberships:
      role && held
        ? [
            {
              id: tokenId,
              client_id: role.clientId,
              role: { id: held.id, name: held.name, level: String(held.level) },
              reports_to_user_client_id: null,
            },
          ]
        : [],
  };
}
