import {
  type Permission,
  permissionContract,
  type Role,
} from '../../../daemons/permission/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { grantOf } from '../../commands/role/view.ts';
import type { ConsoleEnv } from '../env.ts';
import { confirmation, word } from '../form.ts';
import { type Action, defineResource, type Resource } from '../resource.ts';
import { rolesSeen } from './role-names.ts';

interface Row extends Permission {
  readonly roles: readonly string[];
}

const list = defineResource<Row>({
  name: 'grants',
  aliases: ['matrix', 'permissions'],
  title: 'Grants',
  summary: 'what each role may do, as a matrix; Space grants and revokes',
  isOfClient: false,
  needs: ['GET', '/api/permissions'],
  columns: [
    { header: 'METHOD', value: (row) => row.method.padEnd(6), keep: true },
    {
      header: 'PATH',
      value: (row) => row.path.replace('/api/clients/{client_id}', '…'),
      keep: true,
    },
    { header: 'WHAT', value: (row) => row.description, wide: true },
    { header: 'SERVICE', value: (row) => row.service, wide: true },
    { header: 'WHOLE PATH', value: (row) => row.path, wide: true },
    { header: 'ROLES', value: (row) => row.roles.join(', ') || null, wide: true },
  ],
  id: (row) => grantOf(row),
  load: async (env) => {
    const { permissions, roles, held } = await read(env);
    return {
      items: permissions.map((one) => ({
        ...one,
        roles: roles.filter(({ id }) => held.get(id)?.has(one.id)).map(({ name }) => name),
      })),
      more: false,
    };
  },
});

/** A matrix of permissions against roles. */
export const grants: Resource = {
  ...list,
  kind: 'matrix',
  load: async (env) => {
    const { permissions, roles, held } = await read(env);
    const listing = await list.load(env);
    return {
      ...listing,
      matrix: {
        columns: roles.map(({ name }) => name),
        has: (row, column) => {
          const [permission, role] = [permissions[row], roles[column]];
          return role !== undefined && permission !== undefined
            ? (held.get(role.id)?.has(permission.id) ?? false)
            : false;
        },
        toggle: (row, column) => toggling(env, permissions[row], roles[column], held),
      },
    };
  },
};

type Held = ReadonlyMap<string, ReadonlySet<string>>;

async function read({ gateway }: ConsoleEnv) {
  const api = gateway.of(permissionContract);
  const [all, roles] = await Promise.all([
    api.call('listPermissions', {}).then(bodyOf),
    rolesSeen(gateway),
  ]);
  const permissions = all.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  const held: Held = new Map(
    await Promise.all(
      roles.map(async ({ id }): Promise<[string, ReadonlySet<string>]> => {
        const found = bodyOf(await api.call('getRolePermissions', { params: { role_id: id } }));
        return [id, new Set(found.permission_ids)];
      }),
    ),
  );
  return { permissions, roles, held };
}

function toggling(
  { gateway }: ConsoleEnv,
  permission: Permission | undefined,
  role: Role | undefined,
  held: Held,
): Action {
  if (permission === undefined || role === undefined) throw new TypeError('no such cell');
  const api = gateway.of(permissionContract);
  const params = { role_id: role.id };
  const grant = grantOf(permission);
  const isHeld = held.get(role.id)?.has(permission.id) ?? false;
  const verb = isHeld ? 'revoke' : 'grant';
  return {
    label: isHeld ? 'Revoke' : 'Grant',
    needs: ['POST', '/api/roles/{role_id}/permissions'],
    form: () =>
      confirmation({
        title: `${isHeld ? `Take from ${role.name}` : `Let ${role.name}`}: ${grant} (${permission.description})?`,
        command: `leadctl role ${verb} ${word(role.name)} ${word(grant)}`,
        submit: async () => {
          if (isHeld) {
            const one = { ...params, permission_id: permission.id };
            bodyOf(await api.call('removeRolePermission', { params: one }));
            return `${role.name} may no longer ${grant}`;
          }
          bodyOf(
            await api.call('addRolePermissions', {
              params,
              body: { permission_ids: [permission.id] },
            }),
          );
          return `${role.name} may ${grant}`;
        },
      }),
  };
}
