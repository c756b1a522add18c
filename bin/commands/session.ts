import * as z from 'zod';
import { authContract, type Session } from '../../daemons/auth/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import { allOption, limitOf, limitOption, listInput } from '../cli/specs.ts';
import { connect } from '../client/gateway.ts';
import { listUpTo } from '../client/paging.ts';
import type { Column } from '../ui/columns.ts';
import { noteMore } from './shared/list-note.ts';

const columns: readonly Column<Session>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'THIS', value: (row) => (row.current ? 'yes' : null) },
  { header: 'SINCE', value: (row) => new Date(row.created_at) },
  { header: 'LAST USED', value: (row) => new Date(row.last_used_at) },
  { header: 'ADDRESS', value: (row) => row.ip },
  { header: 'WITH', value: (row) => row.user_agent },
  { header: 'ENDS', value: (row) => row.expires_at, wide: true },
];

/** `leadctl session …`: where one is logged in. */
export const defineSession: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ls', {
    summary: 'List where you are logged in, newest first',
    options: [limitOption, allOption],
    input: z.object(listInput(100)),
    examples: ['leadctl session ls', 'leadctl session ls -o json'],
    run: async (ctx, input) => {
      const auth = (await connect(ctx)).of(authContract);
      const found = await listUpTo((query) => auth.call('listSessions', { query }), limitOf(input));
      await ctx.render({
        columns,
        rows: found.items,
        name: (row) => row.id,
        empty: 'No sessions found.',
      });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'rm', {
    summary: 'End one of your sessions; it is shut out within a second',
    args: [{ name: '<id>', help: 'id of the session, as session ls shows it' }],
    input: z.object({ id: z.uuid('must be the id of a session') }),
    examples: ['leadctl session rm 0198c2f1-7e55-7f9a-a1d4-2f1c58b6a101'],
    run: async (ctx, { id }) => {
      const auth = (await connect(ctx)).of(authContract);
      bodyOf(await auth.call('endSession', { params: { session_id: id } }));
      await ctx.note(`Ended session ${id}`);
    },
  });
};
