import * as z from 'zod';
import { authContract, type Me } from '../../daemons/auth/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { connect } from '../client/gateway.ts';
import type { Column } from '../ui/columns.ts';

interface Whoami extends Me {
  readonly url: string;
  readonly context: string | null;
  readonly client: string | null;
}

const columns: readonly Column<Whoami>[] = [
  { header: 'EMAIL', value: nameOf, keep: true },
  { header: 'ADMIN', value: (row) => row.is_admin },
  { header: 'STATUS', value: (row) => row.status },
  {
    header: 'MEMBER OF',
    value: ({ memberships }) =>
      memberships.map(({ client_id, role }) => `${client_id} (${role.name})`).join(', ') || null,
  },
  { header: 'GATEWAY', value: (row) => row.url },
  { header: 'CONTEXT', value: (row) => row.context },
  { header: 'CLIENT', value: (row) => row.client },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

/** A person's e-mail, or what a machine token is called. */
function nameOf({ email, machine_token, id }: Me): string {
  return email ?? (machine_token === undefined ? id : `machine token ${machine_token}`);
}

/** `leadctl whoami`. */
export const defineWhoami: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Show who is logged in, where, and as what',
    input: z.object({}),
    reads: true,
    examples: ['leadctl whoami', 'leadctl whoami -o json'],
    run: async (ctx) => {
      const { settings, of } = await connect(ctx);
      const me = bodyOf(await of(authContract).call('me', {}));
      const { url, contextName = null, client = null } = settings;
      const item = { ...me, url, context: contextName, client };
      await ctx.render({ item, columns, name: nameOf });
    },
  });
};
