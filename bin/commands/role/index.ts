import * as z from 'zod';
import {
  type Permission,
  permissionContract,
  type Role,
} from '../../../daemons/permission/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { ifNotExistsOption } from '../../cli/specs.ts';
import { connect, type Gateway } from '../../client/gateway.ts';
import { listAll } from '../../client/paging.ts';
import { findRole } from '../../client/roles.ts';
import { defineRoleDescribe } from './describe.ts';
import { defineRoleGrants } from './grants.ts';
import { grantOf, roleColumns, roleView } from './view.ts';

const roleArgument = { name: '<role>', help: 'name or id of the role', complete: 'roles' } as const;
const levelOption = { flags: '--level <n>', help: 'the lower, the more senior' };
const descriptionOption = { flags: '--description <text>', help: 'for people to read' };
const level = z.string().regex(/^\d{1,9}$/, 'must be a whole number from 0 on');

const newRoleInput = z.object({
  name: z.string(),
  level: z.string('must be given').pipe(level),
  description: z.string().optional(),
  grant: z.array(z.string()).default([]),
  ifNotExists: z.boolean().default(false),
});

/** `leadctl role …`. */
export const defineRole: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary: 'Create a role',
    args: [{ name: '[name]', help: 'e.g. manager' }],
    guided: [
      { name: 'name', ask: 'Name of the role', required: true },
      { name: 'level', ask: 'Level (the lower, the more senior)', required: true },
      { name: 'description', ask: 'Description' },
      {
        name: 'grant',
        ask: 'What it may do, e.g. * /api/clients/{client_id}/leads/**, with commas between',
        list: true,
      },
    ],
    options: [
      levelOption,
      descriptionOption,
      { flags: '--grant <pattern>', help: 'what it may do; may be repeated', repeat: true },
      ifNotExistsOption,
    ],
    input: newRoleInput,
    examples: [
      `leadctl role create manager --level 10 --grant '* /api/clients/{client_id}/leads/**'`,
    ],
    run: createRole,
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List the roles, the most senior first',
    input: z.object({}),
    examples: ['leadctl role ls', 'leadctl role ls -o name'],
    run: async (ctx) => {
      const permissions = (await connect(ctx)).of(permissionContract);
      const rows: Role[] = [];
      for await (const role of listAll((query) => permissions.call('listRoles', { query }))) {
        rows.push(role);
      }
      await ctx.render({ ...roleView, rows });
    },
  });
  defineVerb(noun, cli, 'get', {
    summary: 'Show a role and what it may do',
    args: [roleArgument],
    input: z.object({ role: z.string() }),
    examples: ['leadctl role get manager', 'leadctl role get manager -o json'],
    run: async (ctx, { role }) => {
      const gateway = await connect(ctx);
      await showRole(ctx, gateway, await findRole(gateway, role));
    },
  });
  defineRoleDescribe(noun, cli);
  defineVerb(noun, cli, 'update', {
    summary: 'Rename a role, or change its level or description',
    args: [roleArgument],
    options: [{ flags: '--name <name>', help: 'its new name' }, levelOption, descriptionOption],
    input: z.object({
      role: z.string(),
      name: z.string().optional(),
      level: level.optional(),
      description: z.string().optional(),
    }),
    examples: ['leadctl role update manager --level 5'],
    run: async (ctx, { role: text, name, level, description }) => {
      const gateway = await connect(ctx);
      const role = await findRole(gateway, text);
      const changed = await gateway.of(permissionContract).call('updateRole', {
        params: { role_id: role.id },
        body: {
          ...(name === undefined ? {} : { name }),
          ...(level === undefined ? {} : { level }),
          ...(description === undefined ? {} : { description: description || null }),
        },
      });
      await ctx.render({ ...roleView, item: bodyOf(changed) });
    },
  });
  defineVerb(noun, cli, 'rm', {
    summary: 'Delete a role that no member has',
    args: [roleArgument],
    input: z.object({ role: z.string() }),
    examples: ['leadctl role rm manager --yes'],
    run: async (ctx, { role: text }) => {
      const gateway = await connect(ctx);
      const role = await findRole(gateway, text);
      await ctx.confirm({ question: `Delete the role '${role.name}' (level ${role.level})?` });
      const params = { role_id: role.id };
      bodyOf(await gateway.of(permissionContract).call('deleteRole', { params }));
      await ctx.note(`Deleted '${role.name}'`);
    },
  });
  defineRoleGrants(noun, cli);
};

async function createRole(
  ctx: CommandContext,
  given: z.output<typeof newRoleInput>,
): Promise<void> {
  const { name, level, description, grant: grants } = given;
  const gateway = await connect(ctx);
  const permissions = gateway.of(permissionContract);
  const made = await permissions.call('createRole', {
    body: { name, level, ...(description === undefined ? {} : { description }) },
  });
  if (given.ifNotExists && !made.ok && made.problem.code === 'conflict') {
    await showRole(ctx, gateway, await findRole(gateway, name));
    await ctx.note(`'${name}' exists already and is left as it is`);
    return;
  }
  const role = bodyOf(made);
  if (grants.length > 0) {
    const params = { role_id: role.id };
    bodyOf(await permissions.call('addRolePermissions', { params, body: { grants } }));
  }
  await showRole(ctx, gateway, role);
}

interface RoleWithGrants extends Role {
  readonly permissions: readonly Permission[];
}

async function showRole(ctx: CommandContext, gateway: Gateway, role: Role): Promise<void> {
  const params = { role_id: role.id };
  const held = bodyOf(await gateway.of(permissionContract).call('getRolePermissions', { params }));
  await ctx.render<RoleWithGrants>({
    item: { ...role, permissions: held.permissions },
    name: ({ name }) => name,
    columns: [
      ...roleColumns,
      {
        header: 'MAY',
        value: ({ permissions }) => permissions.map(grantOf).join('\n') || null,
        lines: true,
      },
    ],
  });
}
