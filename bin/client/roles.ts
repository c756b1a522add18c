import { permissionContract, type Role } from '../../daemons/permission/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { Gateway } from './gateway.ts';
import { listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';

/** A role by id or by name; a `CliError` (exit 5) when there is none. */
export async function findRole(gateway: Gateway, text: string): Promise<Role> {
  const permissions = gateway.of(permissionContract);
  const id = asId(text);
  if (id !== undefined) {
    return bodyOf(await permissions.call('getRole', { params: { role_id: id } }));
  }
  const found: Role[] = [];
  for await (const role of listAll((query) => permissions.call('listRoles', { query }))) {
    if (role.name === text) found.push(role);
  }
  return pickOne(found, { text, what: 'role', list: 'leadctl role ls' });
}
