import * as z from 'zod';
import { hierarchyContract, type Relative } from '../../../daemons/hierarchy/contract.ts';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { findMember } from '../../client/members.ts';
import { listEvery } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import type { Column } from '../../ui/columns.ts';
import { describe, section } from '../shared/describe.ts';
import { memberView } from './view.ts';
import { permissionView } from '../role/view.ts';

const memberArgument = {
  name: '<member>',
  help: 'e-mail or id of the member',
  complete: 'members',
} as const;

const relativeColumns: readonly Column<Relative>[] = [
  { header: 'EMAIL', value: (row) => row.email, keep: true },
  { header: 'ROLE', value: (row) => row.role.name },
  { header: 'LEVELS AWAY', value: (row) => row.depth, align: 'right' },
];

export const defineMemberReading: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'get', {
    summary: 'Show a member',
    args: [memberArgument],
    input: z.object({ member: z.string() }),
    examples: ['leadctl member get rep@acme.example --client acme'],
    run: async (ctx, { member }) => {
      await ctx.render({
        ...memberView,
        item: await findMember(await connectToClient(ctx), member),
      });
    },
  });
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a member whole: who is above and below them, what their role may do',
    args: [memberArgument],
    input: z.object({ member: z.string() }),
    examples: ['leadctl member describe rep@acme.example --client acme'],
    run: async (ctx, { member: text }) => {
      const gateway = await connectToClient(ctx);
      const item = await findMember(gateway, text);
      const params = { client_id: gateway.clientId, user_client_id: item.id };
      const hierarchy = gateway.of(hierarchyContract);
      const [above, below, may] = await Promise.all([
        listEvery((query) => hierarchy.call('ancestors', { params, query })),
        listEvery((query) => hierarchy.call('descendants', { params, query })),
        gateway
          .of(permissionContract)
          .call('getRolePermissions', { params: { role_id: item.role.id } }),
      ]);
      const relatives = { columns: relativeColumns, name: (row: Relative) => row.email };
      await describe(ctx, { ...memberView, item }, [
        section('above', { ...relatives, rows: above, empty: 'Reports to nobody.' }),
        section('below', { ...relatives, rows: below, empty: 'Nobody reports to them.' }),
        section('may', { ...permissionView, rows: may.ok ? may.body.permissions : [] }),
      ]);
    },
  });
};
