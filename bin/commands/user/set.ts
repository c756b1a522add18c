import * as z from 'zod';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { usageError } from '../../cli/failure.ts';
import { connect } from '../../client/gateway.ts';
import { findUser } from '../../client/users.ts';
import { userView } from './view.ts';

const input = z.object({ user: z.string(), phone: z.string().optional() });

/** `leadctl user set`. */
export const defineUserSet: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'set', {
    summary: 'Change what is known of a user',
    args: [{ name: '<user>', help: 'e-mail or id of the user', complete: 'users' }],
    options: [
      {
        flags: '--phone <number>',
        help: 'where messages about their leads go, such as +4915112345678; none takes it away',
      },
    ],
    input,
    examples: ['leadctl user set rep@acme.example --phone +4915112345678'],
    run: async (ctx, { user, phone }) => {
      if (phone === undefined)
        throw usageError(
          'Nothing to change was named',
          'leadctl user set rep@acme.example --phone +4915112345678',
        );
      const gateway = await connect(ctx);
      const { id } = await findUser(gateway, user);
      const changed = await gateway.of(userContract).call('updateUser', {
        params: { user_id: id },
        body: { phone: phone === 'none' ? null : phone },
      });
      await ctx.render({ ...userView, item: bodyOf(changed) });
    },
  });
};
