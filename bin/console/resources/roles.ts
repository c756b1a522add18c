import { permissionContract, type Role } from '../../../daemons/permission/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { roleColumns } from '../../commands/role/view.ts';
import type { ConsoleEnv } from '../env.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { type Action, defineResource, sectionLines } from '../resource.ts';
import { MOST } from './most.ts';

const { addRolePermissions, createRole, updateRole } = permissionContract.routes;
const ONE = '/api/roles/{role_id}';

export const roles = defineResource<Role>({
  name: 'roles',
  aliases: ['role'],
  title: 'Roles',
  summary: 'create, change, remove; :grants has what each may do',
  isOfClient: false,
  needs: ['GET', '/api/roles'],
  columns: roleColumns,
  id: ({ id }) => id,
  load: ({ gateway }) =>
    listUpTo((query) => gateway.of(permissionContract).call('listRoles', { query }), MOST),
  detail: async ({ gateway }, { id }) => {
    const params = { role_id: id };
    const held = bodyOf(
      await gateway.of(permissionContract).call('getRolePermissions', { params }),
    );
    return sectionLines('May', held.permissions, (one) => [
      one.method,
      `${one.path}  ${one.description}`,
    ]);
  },
  create: (env) => [creating(env)],
  actions: (env, row) => [granting(env, row), changing(env, row), removing(env, row)],
});

const ASK = {
  name: {},
  level: { help: 'the lower, the more senior' },
  description: { help: 'for people to read' },
};

function creating({ gateway }: ConsoleEnv): Action {
  return {
    label: 'Create a role',
    needs: ['POST', '/api/roles'],
    form: () =>
      formFor({
        title: 'A new role; it may nothing until :grants says so',
        schema: createRole.body.schema,
        ask: ASK,
        command: (values) =>
          `leadctl role create ${word(values['name'] ?? '')}${option('--level', values['level'])}${option('--description', values['description'])}`,
        submit: async (body) => {
          const made = bodyOf(await gateway.of(permissionContract).call('createRole', { body }));
          return `Created ${made.name}`;
        },
      }),
  };
}

function granting({ gateway }: ConsoleEnv, { id, name }: Role): Action {
  return {
    label: 'Grant: let it do more',
    needs: ['POST', `${ONE}/permissions`],
    form: () =>
      formFor({
        title: `What ${name} may do as well; :grants has each by itself`,
        schema: addRolePermissions.body.schema,
        ask: {
          grants: {
            required: true,
            help: 'METHOD /path or * /path/**, e.g. * /api/clients/{client_id}/leads/**',
          },
        },
        command: (values) =>
          `leadctl role grant ${word(name)} ${(values['grants'] ?? '')
            .split(',')
            .map((pattern) => word(pattern.trim()))
            .join(' ')}`,
        submit: async (body) => {
          const params = { role_id: id };
          const api = gateway.of(permissionContract);
          const held = bodyOf(await api.call('addRolePermissions', { params, body }));
          return `${name} may do ${held.permissions.length} things`;
        },
      }),
  };
}

function changing({ gateway }: ConsoleEnv, { id, name, level, description }: Role): Action {
  return {
    label: 'Rename, or change level or description',
    needs: ['PATCH', ONE],
    form: () =>
      formFor({
        title: `Change the role ${name}`,
        schema: updateRole.body.schema,
        ask: {
          name: { initial: name },
          level: { ...ASK.level, initial: level },
          description: { ...ASK.description, initial: description },
        },
        command: (values) =>
          `leadctl role update ${word(name)}${option('--name', values['name'])}${option('--level', values['level'])}${option('--description', values['description'])}`,
        submit: async (body) => {
          const params = { role_id: id };
          bodyOf(await gateway.of(permissionContract).call('updateRole', { params, body }));
          return `Changed ${name}`;
        },
      }),
  };
}

function removing({ gateway }: ConsoleEnv, { id, name, level }: Role): Action {
  return {
    label: 'Delete',
    severe: true,
    needs: ['DELETE', ONE],
    form: () =>
      confirmation({
        title: `Delete the role ${name} (level ${level})?`,
        command: `leadctl role rm ${word(name)}`,
        submit: async () => {
          const params = { role_id: id };
          bodyOf(await gateway.of(permissionContract).call('deleteRole', { params }));
          return `Deleted ${name}`;
        },
      }),
  };
}
