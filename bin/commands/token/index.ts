import * as z from 'zod';
import { permissionContract, type MachineToken } from '../../../daemons/permission/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { usageError } from '../../cli/failure.ts';
import { allOption, limitOf, limitOption, listInput, momentToCome } from '../../cli/specs.ts';
import { connect, type Gateway } from '../../client/gateway.ts';
import { listAll, listUpTo } from '../../client/paging.ts';
import { asId, pickOne } from '../../client/pick.ts';
import { write } from '../../io.ts';
import { requireClient } from '../../config/settings.ts';
import { noteMore } from '../shared/list-note.ts';
import { newTokenView, tokenView } from './view.ts';

const newTokenInput = z.object({
  name: z.string(),
  role: z.string().optional(),
  admin: z.boolean().default(false),
  expires: z
    .string()
    .transform(momentToCome(() => new Date()))
    .optional(),
});

/** `leadctl token …`: what CI and scripts log in with, instead of somebody's password. */
export const defineToken: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary: 'Make a machine token, for LEADCTL_TOKEN; its value is shown this once',
    args: [{ name: '<name>', help: 'what uses it, e.g. ci' }],
    options: [
      {
        flags: '--role <role>',
        help: 'what it acts as, at the top of the client’s tree (name or id)',
        complete: 'roles',
      },
      { flags: '--admin', help: 'an administrator’s, of no client; only administrators make one' },
      { flags: '--expires <time>', help: 'when it stops working: 2027-01-01, or from now: 30d' },
    ],
    input: newTokenInput,
    examples: [
      'leadctl token create ci --client acme --role manager -o name > token.txt',
      'leadctl token create deploy --admin --expires 2027-01-01T00:00:00Z -o name',
    ],
    run: createToken,
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List machine tokens, without their values; those of one client with --client',
    options: [limitOption, allOption],
    input: z.object(listInput(1_000)),
    examples: ['leadctl token ls', 'leadctl token ls --client acme -o wide'],
    run: async (ctx, input) => {
      const found = await listUpTo(listTokens(await connect(ctx)), limitOf(input));
      await ctx.render({ ...tokenView(ctx.now()), rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'print', {
    summary: 'Print the token that other commands send: for curl, or the page at /docs',
    input: z.object({}),
    examples: [
      'curl -H "Authorization: Bearer $(leadctl token print)" http://127.0.0.1:8000/api/auth/me',
    ],
    run: async (ctx) => {
      const item = { token: await (await connect(ctx)).token() };
      await write(ctx.io.stdout, ctx.flags.output === 'json' ? '' : `${item.token}\n`);
      if (ctx.flags.output === 'json') await ctx.document(item);
    },
  });
  defineVerb(noun, cli, 'revoke', {
    summary: 'Revoke a machine token, everywhere within a second',
    args: [{ name: '<token>', help: 'name or id of the token', complete: 'tokens' }],
    input: z.object({ token: z.string() }),
    examples: ['leadctl token revoke ci --client acme --yes'],
    run: async (ctx, { token: text }) => {
      const gateway = await connect(ctx);
      const token = await findToken(gateway, text);
      const whose = token.client_id === null ? 'an administrator’s' : `of ${token.client_id}`;
      await ctx.confirm({
        question: `Revoke the machine token '${token.name}' (${token.token_prefix}…, ${whose})? What uses it is refused at once.`,
      });
      const params = { token_id: token.id };
      bodyOf(await gateway.of(permissionContract).call('revokeToken', { params }));
      await ctx.note(`Revoked '${token.name}' (${token.id})`);
    },
  });
};

async function createToken(
  ctx: CommandContext,
  { name, role, admin, expires }: z.output<typeof newTokenInput>,
): Promise<void> {
  if (admin === (role !== undefined)) {
    throw usageError(
      'Say what the token acts as',
      '--role ROLE with a client, or --admin for an administrator’s',
    );
  }
  const gateway = await connect(ctx);
  const made = await gateway.of(permissionContract).call('createToken', {
    body: {
      name,
      ...(role === undefined ? {} : actingIn(requireClient(gateway.settings), role)),
      ...(expires === undefined ? {} : { expires_at: expires }),
    },
  });
  await ctx.render({ ...newTokenView, item: bodyOf(made) });
  await ctx.note('Keep the token now: it is not stored and cannot be shown again');
}

function actingIn(clientId: string, role: string) {
  const id = asId(role);
  return { client_id: clientId, ...(id === undefined ? { role } : { role_id: id }) };
}

/** Those of the client that the run works on, or all that one may see. */
function listTokens({ of, settings }: Gateway) {
  const permissions = of(permissionContract);
  const { client: client_id } = settings;
  return (page: { limit: number; cursor: string | undefined }) =>
    permissions.call('listTokens', {
      query: { ...page, ...(client_id === undefined ? {} : { client_id }) },
    });
}

/** By id, or by name among those that are not revoked. */
async function findToken(gateway: Gateway, text: string): Promise<MachineToken> {
  const id = asId(text);
  if (id !== undefined) {
    const params = { token_id: id };
    return bodyOf(await gateway.of(permissionContract).call('getToken', { params }));
  }
  const found: MachineToken[] = [];
  for await (const token of listAll(listTokens(gateway))) {
    if (token.name === text && token.revoked_at === null) found.push(token);
  }
  return pickOne(found, { text, what: 'machine token', list: 'leadctl token ls' });
}
