import * as z from 'zod';
import { userContract } from '../../../daemons/user/contract.ts';
import { USER_STATUSES } from '../../../lib/hierarchy/member.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { readSecret } from '../../cli/secret.ts';
import { allOption, ifNotExistsOption, limitOf, limitOption, listInput } from '../../cli/specs.ts';
import { connect } from '../../client/gateway.ts';
import { listUpTo } from '../../client/paging.ts';
import { findUser } from '../../client/users.ts';
import { noteInvitation } from '../shared/invitation-note.ts';
import { noteMore } from '../shared/list-note.ts';
import { defineUserDescribe } from './describe.ts';
import { defineUserSet } from './set.ts';
import { memberships, userView } from './view.ts';

const userArgument = {
  name: '<user>',
  help: 'e-mail or id of the user',
  complete: 'users',
} as const;
const named = z.object({ user: z.string() });

const newUserInput = z.object({
  email: z.email('is no e-mail address'),
  admin: z.boolean().default(false),
  passwordStdin: z.boolean().optional(),
  passwordFile: z.string().optional(),
  ifNotExists: z.boolean().default(false),
});

/** `leadctl user …`. */
export const defineUser: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary: 'Create a user; without a password they set it with a one-time link',
    args: [{ name: '<email>', help: 'e-mail address' }],
    options: [
      { flags: '--admin', help: 'may do everything, in every client' },
      { flags: '--password-stdin', help: 'read a first password from standard input' },
      { flags: '--password-file <file>', help: 'read a first password from a file' },
      ifNotExistsOption,
    ],
    input: newUserInput,
    examples: [
      'leadctl user create rep@acme.example',
      'leadctl user create ops@example.com --admin --password-file pw.txt',
    ],
    run: createUser,
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List users, newest first',
    options: [
      { flags: '--status <status>', help: 'only these', choices: USER_STATUSES },
      { flags: '--search <text>', help: 'part of an e-mail' },
      limitOption,
      allOption,
    ],
    input: z.object({
      status: z.enum(USER_STATUSES).optional(),
      search: z.string().min(1).optional(),
      ...listInput(1_000),
    }),
    examples: ['leadctl user ls', 'leadctl user ls --status invited --search acme.example'],
    run: async (ctx, { status, search, ...input }) => {
      const users = (await connect(ctx)).of(userContract);
      const found = await listUpTo(
        (page) => users.call('listUsers', { query: { ...page, status, q: search } }),
        limitOf(input),
      );
      await ctx.render({ ...userView, rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'get', {
    summary: 'Show a user and their memberships',
    args: [userArgument],
    input: named,
    examples: ['leadctl user get rep@acme.example'],
    run: async (ctx, { user }) => {
      const gateway = await connect(ctx);
      const { id } = await findUser(gateway, user);
      const params = { user_id: id };
      const item = bodyOf(await gateway.of(userContract).call('getUser', { params }));
      await ctx.render({ ...userView, columns: [...userView.columns, memberships], item });
    },
  });
  defineUserDescribe(noun, cli);
  defineUserSet(noun, cli);
  defineVerb(noun, cli, 'disable', {
    summary: 'Lock a user out of everything; their sessions end',
    args: [userArgument],
    input: named,
    examples: ['leadctl user disable rep@acme.example --yes'],
    run: (ctx, { user }) => setStatus(ctx, user, 'disabled'),
  });
  defineVerb(noun, cli, 'enable', {
    summary: 'Let a disabled user in again',
    args: [userArgument],
    input: named,
    examples: ['leadctl user enable rep@acme.example'],
    run: (ctx, { user }) => setStatus(ctx, user, 'active'),
  });
};

async function createUser(
  ctx: CommandContext,
  given: z.output<typeof newUserInput>,
): Promise<void> {
  const { email, admin, passwordStdin, passwordFile } = given;
  const hasPassword = passwordStdin === true || passwordFile !== undefined;
  const password = hasPassword
    ? await readSecret(ctx.io, { stdin: passwordStdin, file: passwordFile }, 'password')
    : undefined;
  const gateway = await connect(ctx);
  const made = await gateway.of(userContract).call('createUser', {
    body: { email, is_admin: admin, ...(password === undefined ? {} : { password }) },
  });
  if (given.ifNotExists && !made.ok && made.problem.code === 'email_taken') {
    await ctx.render({ ...userView, item: await findUser(gateway, email) });
    await ctx.note(`${email} exists already and is left as it is`);
    return;
  }
  const item = bodyOf(made);
  await ctx.render({ ...userView, item });
  await noteInvitation(ctx, item.invitation);
}

async function setStatus(
  ctx: CommandContext,
  text: string,
  status: 'active' | 'disabled',
): Promise<void> {
  const gateway = await connect(ctx);
  const user = await findUser(gateway, text);
  if (status === 'disabled') {
    const who = user.is_admin ? `${user.email}, an admin` : user.email;
    await ctx.confirm({ question: `Disable ${who}? They are logged out everywhere.` });
  }
  const changed = await gateway.of(userContract).call('updateUser', {
    params: { user_id: user.id },
    body: { status },
  });
  await ctx.render({ ...userView, item: bodyOf(changed) });
}
