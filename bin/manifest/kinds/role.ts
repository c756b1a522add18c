import * as z from 'zod';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { listEvery } from '../../client/paging.ts';
import { ref, type Wanted } from '../thing.ts';
import { done, gone, made, pick } from './answers.ts';
import { grants, grantsEntry, grantsSchema, grantsThing } from './grants.ts';
import { platformPart, type Kind } from './kind.ts';
import { permission } from './permission.ts';

const { createRole, updateRole } = permissionContract.routes;
const item = z.strictObject({
  name: createRole.body.schema.shape.name,
  level: createRole.body.schema.shape.level.describe('The lower, the more senior'),
  description: updateRole.body.schema.shape.description,
  grants: grantsSchema.optional(),
});
type RoleSpec = z.output<typeof item>;

const role: Kind<null> = {
  name: 'role',
  staysWhileNeeded: true,
  async read({ api }) {
    const all = await listEvery((query) => api.permissions.call('listRoles', { query }));
    return all.map(({ id, name, level, description }) => ({
      ...ref('role', null, name),
      id,
      fields: { level, description },
      entry: { name, level, ...(description === null ? {} : { description }) },
      remove: () => gone(api.permissions.call('deleteRole', { params: { role_id: id } })),
    }));
  },
};

function roleThing({ name, level, description }: RoleSpec): Wanted {
  const self = ref('role', null, name);
  return {
    ...self,
    fields: { level, description },
    make: ({ api }) => {
      const body = { name, level, description: description ?? null };
      return made(api.permissions.call('createRole', { body }));
    },
    change: ({ api, idOf }, changed) => {
      const body = pick({ level, description }, changed);
      return done(api.permissions.call('updateRole', { params: { role_id: idOf(self) }, body }));
    },
  };
}

/** `roles`: what they are and, where it is said, all that they may do. */
export const roles = platformPart({
  field: 'roles',
  item,
  kinds: [permission, role, grants],
  things: (spec) => [
    roleThing(spec),
    ...(spec.grants === undefined ? [] : [grantsThing(spec.name, spec.grants)]),
  ],
  compose: (state) =>
    state.all('role', null).map(({ identity, entry }) => ({
      ...Object(entry),
      grants: grantsEntry(state, identity),
    })),
});
