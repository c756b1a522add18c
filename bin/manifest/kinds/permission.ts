import type * as z from 'zod';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import type { State } from '../thing.ts';
import { ref, type Ref } from '../thing.ts';
import type { Kind } from './kind.ts';

/** What decides whether a pattern means a permission. */
const shape = permissionContract.routes.listPermissions.responses[200].schema.element.pick({
  method: true,
  path: true,
  reach: true,
});
export type Permission = z.output<typeof shape>;

/** `GET /api/clients/{client_id}/leads` */
export function showPermission({ method, path }: Pick<Permission, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

export function permissionRef(name: string): Ref<null> {
  return ref('permission', null, name);
}

export function permissionsIn(state: State): Permission[] {
  return state.all('permission', null).map(({ fields }) => shape.parse(fields));
}

/** Read only: what there is to grant. */
export const permission: Kind<null> = {
  name: 'permission',
  isAttribute: true,
  async read({ api }) {
    const all = bodyOf(await api.permissions.call('listPermissions', {}));
    return all.map((one) => ({
      ...permissionRef(showPermission(one)),
      id: one.id,
      fields: shape.parse(one),
    }));
  },
};
