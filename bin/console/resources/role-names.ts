import { permissionContract, type Role } from '../../../daemons/permission/contract.ts';
import { ApiError } from '../../cli/api-error.ts';
import type { Gateway } from '../../client/gateway.ts';
import { listUpTo } from '../../client/paging.ts';
import { MOST } from './most.ts';

/** Of all roles, to choose from; none where the caller may not list them, and types the name. */
export async function roleNames(gateway: Gateway): Promise<string[]> {
  return (await rolesSeen(gateway)).map(({ name }) => name);
}

export async function rolesSeen(gateway: Gateway): Promise<Role[]> {
  const permissions = gateway.of(permissionContract);
  try {
    const { items } = await listUpTo((query) => permissions.call('listRoles', { query }), MOST);
    return items;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403) return [];
    throw error;
  }
}
