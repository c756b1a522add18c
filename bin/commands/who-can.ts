import * as z from 'zod';
import { permissionContract, type Role } from '../../daemons/permission/contract.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError } from '../cli/failure.ts';
import { connect, type Gateway } from '../client/gateway.ts';
import { listEvery } from '../client/paging.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';
import { templateOf } from '../client/templates.ts';

interface Holder {
  readonly role: string;
  readonly level: string;
  /** Who has the role in the client that is named; null where none is. */
  readonly members: readonly string[] | null;
}

const columns: readonly Column<Holder>[] = [
  { header: 'ROLE', value: (row) => row.role, keep: true },
  { header: 'LEVEL', value: (row) => row.level, align: 'right' },
  { header: 'MEMBERS', value: ({ members }) => members?.join(', ') || null, wrap: true },
];

/** `leadctl who-can METHOD PATH`: exit 1 when nobody but administrators may. */
export const defineWhoCan: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Say which roles may do something, and with --client who has them there',
    args: [
      { name: '<method>', help: 'GET, POST, PUT, PATCH or DELETE', complete: 'methods' },
      { name: '<path>', help: 'public path, as a template or as it is', complete: 'paths' },
    ],
    input: z.object({ method: z.string().toUpperCase(), path: z.string() }),
    reads: true,
    examples: [
      `leadctl who-can DELETE '/api/clients/{client_id}/leads/{lead_id}' --client acme`,
      'leadctl who-can GET /api/clients/acme/leads',
    ],
    run: async (ctx, { method, path }) => {
      const gateway = await connect(ctx);
      const { client } = gateway.settings;
      const roles = await rolesWith(gateway, method, path);
      const members = client === undefined ? undefined : await membersOf(gateway, client);
      const rows = roles.map(({ id, name, level }) => ({
        role: name,
        level,
        members: members?.filter(({ role }) => role.id === id).map(({ email }) => email) ?? null,
      }));
      await ctx.render({
        rows,
        columns,
        name: ({ role }) => role,
        empty: 'No role may: administrators alone.',
      });
      await noteAdministrators(ctx);
      return rows.length > 0 ? exitCodes.ok : exitCodes.failed;
    },
  });
};

async function rolesWith(gateway: Gateway, method: string, path: string): Promise<Role[]> {
  const permissions = gateway.of(permissionContract);
  const all = bodyOf(await permissions.call('listPermissions', {}));
  const wanted = templateOf(all, method, path);
  if (wanted === undefined) {
    throw new CliError(`No operation is ${method} ${path}`, {
      exitCode: exitCodes.notFound,
      code: 'not_found',
      next: 'leadctl permission ls',
    });
  }
  const found: Role[] = [];
  for (const role of await listEvery((query) => permissions.call('listRoles', { query }))) {
    const params = { role_id: role.id };
    const held = bodyOf(await permissions.call('getRolePermissions', { params }));
    if (held.permission_ids.includes(wanted.id)) found.push(role);
  }
  return found;
}

function membersOf(gateway: Gateway, client_id: string) {
  const users = gateway.of(userContract);
  return listEvery((query) => users.call('listMembers', { params: { client_id }, query }));
}

async function noteAdministrators(ctx: CommandContext): Promise<void> {
  if (ctx.flags.output === 'table') await ctx.note('Administrators may everything');
}
