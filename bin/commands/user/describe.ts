import * as z from 'zod';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { connect } from '../../client/gateway.ts';
import { findUser } from '../../client/users.ts';
import type { Membership } from '../../../lib/hierarchy/member.ts';
import type { Column } from '../../ui/columns.ts';
import { describe, section } from '../shared/describe.ts';
import { userView } from './view.ts';

const columns: readonly Column<Membership>[] = [
  { header: 'CLIENT', value: (row) => row.client_id, keep: true },
  { header: 'ROLE', value: (row) => row.role.name },
  { header: 'LEVEL', value: (row) => row.role.level, align: 'right' },
  { header: 'MEMBER ID', value: (row) => row.id, id: true },
];

export const defineUserDescribe: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'describe', {
    summary: 'Show a user whole, with each of their memberships',
    args: [{ name: '<user>', help: 'e-mail or id of the user', complete: 'users' }],
    input: z.object({ user: z.string() }),
    examples: ['leadctl user describe rep@acme.example'],
    run: async (ctx, { user }) => {
      const gateway = await connect(ctx);
      const { id } = await findUser(gateway, user);
      const found = await gateway.of(userContract).call('getUser', { params: { user_id: id } });
      const { memberships, ...item } = bodyOf(found);
      await describe(ctx, { ...userView, item }, [
        section('memberships', {
          columns,
          rows: memberships,
          name: (row) => row.client_id,
          empty: 'A member of no client.',
        }),
      ]);
    },
  });
};
