import { bodyOf } from '../../cli/api-error.ts';
import { ref } from '../thing.ts';
import type { Kind } from './kind.ts';

/** Read only: what there is to grant, e.g. `GET /api/clients/{client_id}/leads`. */
export const permission: Kind<null> = {
  name: 'permission',
  isAttribute: true,
  async read({ api }) {
    const all = bodyOf(await api.permissions.call('listPermissions', {}));
    return all.map(({ id, method, path }) => ({
      ...ref('permission', null, `${method} ${path}`),
      id,
      fields: {},
    }));
  },
};
