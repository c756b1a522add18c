import * as z from 'zod';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { connect } from '../../client/gateway.ts';
import { listUpTo } from '../../client/paging.ts';
import { findRole } from '../../client/roles.ts';
import { describe, section } from '../shared/describe.ts';
import { memberView } from '../member/view.ts';
import { permissionView, roleView } from './view.ts';

const MOST = 1_000;

export const defineRoleDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a role whole: what it may do; with --client who has it there',
    args: [{ name: '<role>', help: 'name or id of the role', complete: 'roles' }],
    input: z.object({ role: z.string() }),
    examples: ['leadctl role describe manager --client acme', 'leadctl role describe rep -o json'],
    run: async (ctx, { role: text }) => {
      const gateway = await connect(ctx);
      const item = await findRole(gateway, text);
      const permissions = gateway.of(permissionContract);
      const params = { role_id: item.id };
      const held = bodyOf(await permissions.call('getRolePermissions', { params }));
      const { client } = gateway.settings;
      const users = gateway.of(userContract);
      const members =
        client === undefined
          ? undefined
          : await listUpTo(
              (query) => users.call('listMembers', { params: { client_id: client }, query }),
              MOST,
            );
      await describe(ctx, { ...roleView, item }, [
        section('may', { ...permissionView, rows: held.permissions }),
        ...(members === undefined
          ? []
          : [
              section('members', {
                ...memberView,
                rows: members.items.filter(({ role }) => role.id === item.id),
                empty: `Nobody of ${client} has it.`,
              }),
            ]),
      ]);
    },
  });
};
