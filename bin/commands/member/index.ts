import * as z from 'zod';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { allOption, ifNotExistsOption, limitOf, limitOption, listInput } from '../../cli/specs.ts';
import { findMember } from '../../client/members.ts';
import { roleChoices } from '../../client/role-choices.ts';
import { listUpTo } from '../../client/paging.ts';
import { asId } from '../../client/pick.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { invitationView, noteInvitation } from '../shared/invitation-note.ts';
import { acceptUnprovenOption } from '../shared/manifest-run.ts';
import { noteMore } from '../shared/list-note.ts';
import { defineMemberReading } from './describe.ts';
import { memberView, withManagers } from './view.ts';

const memberArgument = {
  name: '<member>',
  help: 'e-mail or id of the member',
  complete: 'members',
} as const;
const roleOption = { flags: '--role <role>', help: 'name or id', complete: 'roles' } as const;

/** Where a member hangs in the tree: `member move` and `hierarchy move` are the same thing. */
export const moveVerb = {
  summary: 'Put a member below another manager; their reports move along',
  args: [memberArgument],
  options: [
    {
      flags: '--to <member>',
      help: 'the new manager (e-mail or id), or none for the top',
      complete: 'members' as const,
    },
  ],
  input: z.object({ member: z.string(), to: z.string('must be given') }),
  run: moveMember,
};

/** `leadctl member …`: who belongs to a client. */
export const defineMember: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'add', {
    summary: 'Make a user a member; an unknown e-mail is invited',
    args: [{ name: '[user]', help: 'e-mail or id of the user' }],
    guided: [
      { name: 'user', ask: 'E-mail of the person', required: true },
      { name: 'role', ask: 'Role', required: true, choices: roleChoices },
      { name: 'reportsTo', ask: 'E-mail of their manager' },
    ],
    options: [
      roleOption,
      { flags: '--reports-to <member>', help: 'their manager (e-mail or id)', complete: 'members' },
      acceptUnprovenOption,
      ifNotExistsOption,
    ],
    input: z.object({
      user: z.string(),
      role: z.string('must be given'),
      reportsTo: z.string().optional(),
      acceptUnproven: z.boolean().default(false),
      ifNotExists: z.boolean().default(false),
    }),
    examples: [
      'leadctl member add boss@acme.example --role manager --client acme',
      'leadctl member add rep@acme.example --role rep --reports-to boss@acme.example',
    ],
    run: addMember,
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List the members that you may see',
    options: [{ flags: '--search <text>', help: 'part of an e-mail' }, limitOption, allOption],
    input: z.object({ search: z.string().min(1).optional(), ...listInput(1_000) }),
    examples: ['leadctl member ls --client acme', 'leadctl member ls --client acme -o csv'],
    run: async (ctx, { search, ...input }) => {
      const gateway = await connectToClient(ctx);
      const users = gateway.of(userContract);
      const params = { client_id: gateway.clientId };
      const found = await listUpTo(
        (page) => users.call('listMembers', { params, query: { ...page, q: search } }),
        limitOf(input),
      );
      await ctx.render({ ...memberView, rows: withManagers(found.items) });
      await noteMore(ctx, found);
    },
  });
  defineMemberReading(noun, cli);
  defineVerb(noun, cli, 'set', {
    summary: 'Give a member another role',
    args: [memberArgument],
    options: [roleOption],
    input: z.object({ member: z.string(), role: z.string('must be given') }),
    examples: ['leadctl member set rep@acme.example --role manager'],
    run: async (ctx, { member, role }) => {
      await changeMember(ctx, await connectToClient(ctx), member, roleOf(role));
    },
  });
  defineVerb(noun, cli, 'move', {
    ...moveVerb,
    examples: ['leadctl member move rep@acme.example --to boss@acme.example'],
  });
  defineVerb(noun, cli, 'invite', {
    summary: 'Make a new link for a member who lost theirs; the earlier one stops working',
    args: [memberArgument],
    input: z.object({ member: z.string() }),
    examples: ['leadctl member invite rep@acme.example --client acme'],
    run: async (ctx, { member }) => {
      const gateway = await connectToClient(ctx);
      const { id, email } = await findMember(gateway, member);
      const params = { client_id: gateway.clientId, user_client_id: id };
      const item = bodyOf(await gateway.of(userContract).call('inviteMember', { params }));
      await ctx.render({ ...invitationView, item: { email, ...item } });
    },
  });
  defineVerb(noun, cli, 'rm', {
    summary: 'Remove a member; their reports and leads pass to their manager',
    args: [memberArgument],
    input: z.object({ member: z.string() }),
    examples: ['leadctl member rm rep@acme.example --yes'],
    run: async (ctx, { member: text }) => {
      const gateway = await connectToClient(ctx);
      const { id, email, role } = await findMember(gateway, text);
      await ctx.confirm({
        question: `Remove ${email} (${role.name}) from ${gateway.clientId}? Their reports and leads pass to their manager.`,
      });
      const params = { client_id: gateway.clientId, user_client_id: id };
      bodyOf(await gateway.of(userContract).call('removeMember', { params }));
      await ctx.note(`Removed ${email} from ${gateway.clientId}`);
    },
  });
};

/** As the API takes it: by id or by name. */
function roleOf(text: string): { readonly role_id: string } | { readonly role: string } {
  const id = asId(text);
  return id === undefined ? { role: text } : { role_id: id };
}

async function addMember(
  ctx: CommandContext,
  given: {
    readonly user: string;
    readonly role: string;
    readonly reportsTo?: string | undefined;
    readonly acceptUnproven: boolean;
    readonly ifNotExists: boolean;
  },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const userId = asId(given.user);
  const manager =
    given.reportsTo === undefined ? undefined : (await findMember(gateway, given.reportsTo)).id;
  const made = await gateway.of(userContract).call('createMember', {
    params: { client_id: gateway.clientId },
    body: {
      ...(userId === undefined ? { email: given.user } : { user_id: userId }),
      ...roleOf(given.role),
      ...(manager === undefined ? {} : { reports_to_user_client_id: manager }),
      ...(given.acceptUnproven ? { accept_unproven: true } : {}),
    },
  });
  if (given.ifNotExists && !made.ok && made.problem.code === 'conflict' && userId === undefined) {
    await ctx.render({ ...memberView, item: await findMember(gateway, given.user) });
    await ctx.note(`${given.user} is a member already and is left as they are`);
    return;
  }
  const item = bodyOf(made);
  await ctx.render({ ...memberView, item });
  await noteInvitation(ctx, item.invitation);
  if (item.user_existed) await ctx.note(`${given.user} had an account already`);
}

async function moveMember(
  ctx: CommandContext,
  { member, to }: { readonly member: string; readonly to: string },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const manager = to === 'none' ? null : (await findMember(gateway, to)).id;
  await changeMember(ctx, gateway, member, { reports_to_user_client_id: manager });
}

async function changeMember(
  ctx: CommandContext,
  gateway: ClientGateway,
  text: string,
  body: ReturnType<typeof roleOf> | { readonly reports_to_user_client_id: string | null },
): Promise<void> {
  const { id } = await findMember(gateway, text);
  const changed = await gateway.of(userContract).call('updateMember', {
    params: { client_id: gateway.clientId, user_client_id: id },
    body,
  });
  await ctx.render({ ...memberView, item: bodyOf(changed) });
}
