import * as z from 'zod';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { parseGrantPattern } from '../../../lib/access/grant-pattern.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError, usageError } from '../../cli/failure.ts';
import { connect } from '../../client/gateway.ts';
import { findRole } from '../../client/roles.ts';
import { exitCodes } from '../../exit-codes.ts';
import { grantOf, permissionView } from './view.ts';

const input = z.object({ role: z.string(), patterns: z.array(z.string()).min(1) });
type Input = z.output<typeof input>;

const args = [
  { name: '<role>', help: 'name or id of the role', complete: 'roles' },
  {
    name: '<patterns...>',
    help: `METHOD PATH, e.g. 'GET /api/clients/{client_id}/leads'`,
    complete: 'operations',
  },
] as const;

/** `leadctl role grant` and `revoke`. */
export const defineRoleGrants: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'grant', {
    summary: 'Let a role do more; prints all that it may do now',
    args,
    input,
    examples: [
      `leadctl role grant rep 'GET /api/clients/{client_id}/leads/**'`,
      `leadctl role grant manager '* /api/clients/{client_id}/**'`,
    ],
    run: async (ctx, { role: text, patterns }) => {
      const gateway = await connect(ctx);
      const { id } = await findRole(gateway, text);
      const held = bodyOf(
        await gateway.of(permissionContract).call('addRolePermissions', {
          params: { role_id: id },
          body: { grants: patterns },
        }),
      );
      await ctx.render({ ...permissionView, rows: held.permissions });
    },
  });
  defineVerb(noun, cli, 'revoke', {
    summary: 'Take from a role what the patterns match; prints what was taken',
    args,
    input,
    examples: [`leadctl role revoke rep 'DELETE /api/clients/{client_id}/**' --yes`],
    run: revoke,
  });
};

async function revoke(ctx: CommandContext, { role: text, patterns: texts }: Input): Promise<void> {
  const patterns = texts.map((text) => {
    const pattern = parseGrantPattern(text);
    if (pattern !== undefined) return pattern;
    throw usageError(`'${text}' is no grant`, `write METHOD PATH, e.g. 'GET /api/roles'`);
  });
  const gateway = await connect(ctx);
  const permissions = gateway.of(permissionContract);
  const role = await findRole(gateway, text);
  const params = { role_id: role.id };
  const held = bodyOf(await permissions.call('getRolePermissions', { params }));
  const hit = held.permissions.filter((one) => patterns.some((pattern) => pattern.matches(one)));
  if (hit.length === 0) {
    throw new CliError(`'${role.name}' holds nothing that matches`, {
      exitCode: exitCodes.notFound,
      code: 'not_found',
      next: `leadctl role get ${role.name}`,
    });
  }
  const list = hit.map(grantOf).join(', ');
  await ctx.confirm({ question: `Take from '${role.name}': ${list}?` });
  for (const { id } of hit) {
    const one = { ...params, permission_id: id };
    bodyOf(await permissions.call('removeRolePermission', { params: one }));
  }
  await ctx.render({ ...permissionView, rows: hit });
  await ctx.note(`Taken from '${role.name}': ${hit.length}`);
}
