import * as z from 'zod';
import { hierarchyContract, type Tree, type TreeNode } from '../../daemons/hierarchy/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { findMember } from '../client/members.ts';
import { connectToClient } from '../client/scope.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';
import { moveVerb } from './member/index.ts';

interface Branch {
  readonly email: string;
  readonly role: string;
  readonly id: string;
  readonly depth: number;
  /** `│  └─ `: where it hangs. */
  readonly lead: string;
}

const branchColumns: readonly Column<Branch>[] = [
  { header: 'MEMBER', value: (row) => row.lead + row.email, keep: true },
  { header: 'ROLE', value: (row) => row.role },
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'DEPTH', value: (row) => row.depth, wide: true },
];

interface Verdict {
  readonly actor: string;
  readonly target: string;
  readonly allowed: boolean;
  readonly depth: number | null;
  readonly reason: string;
}

const verdictColumns: readonly Column<Verdict>[] = [
  { header: 'ALLOWED', value: (row) => row.allowed },
  { header: 'REASON', value: (row) => row.reason, wrap: true },
  { header: 'DEPTH', value: (row) => row.depth },
  { header: 'ACTOR', value: (row) => row.actor },
  { header: 'TARGET', value: (row) => row.target },
];

/** `leadctl hierarchy …`. */
export const defineHierarchy: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'tree', {
    summary: 'Show who reports to whom, from yourself downwards',
    options: [{ flags: '--depth <n>', help: 'no further down than this' }],
    input: z.object({ depth: z.coerce.number().int().positive().optional() }),
    examples: ['leadctl hierarchy tree --client acme', 'leadctl hierarchy tree --depth 2 -o json'],
    run: showTree,
  });
  defineVerb(noun, cli, 'check', {
    summary: 'Say whether one member may act on what is another’s; exit 1 when not',
    args: [
      { name: '<actor>', help: 'who wants to act (e-mail or id)', complete: 'members' },
      { name: '<target>', help: 'whose it is (e-mail or id)', complete: 'members' },
    ],
    input: z.object({ actor: z.string(), target: z.string() }),
    examples: ['leadctl hierarchy check boss@acme.example rep@acme.example'],
    run: checkPair,
  });
  defineVerb(noun, cli, 'move', {
    ...moveVerb,
    examples: ['leadctl hierarchy move rep@acme.example --to boss@acme.example'],
  });
};

async function showTree(
  ctx: CommandContext,
  { depth }: { readonly depth?: number | undefined },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const params = { client_id: gateway.clientId };
  const query = depth === undefined ? {} : { depth };
  const tree = bodyOf(await gateway.of(hierarchyContract).call('tree', { params, query }));
  if (ctx.flags.output === 'json' || ctx.flags.output === 'yaml') {
    await ctx.render<Tree>({ item: tree, columns: [], name: ({ client_id }) => client_id });
  } else {
    const rows = tree.roots.flatMap((root) => [...branches(root, 0, '', '')]);
    await ctx.render({ rows, columns: branchColumns, name: ({ id }) => id });
  }
  if (tree.truncated) await ctx.note('There are more members than fit: --depth shows fewer levels');
}

function* branches(
  { email, role, id, children }: TreeNode,
  depth: number,
  lead: string,
  below: string,
): Generator<Branch, undefined> {
  yield { email, role: role.name, id, depth, lead };
  for (const [at, child] of children.entries()) {
    const isLast = at === children.length - 1;
    yield* branches(
      child,
      depth + 1,
      `${below}${isLast ? '└─ ' : '├─ '}`,
      `${below}${isLast ? '   ' : '│  '}`,
    );
  }
  return undefined;
}

async function checkPair(
  ctx: CommandContext,
  given: { readonly actor: string; readonly target: string },
): Promise<ExitCode> {
  const gateway = await connectToClient(ctx);
  const actor = await findMember(gateway, given.actor);
  const target = await findMember(gateway, given.target);
  const body = { actor_user_client_id: actor.id, target_user_client_id: target.id };
  const verdict = bodyOf(await gateway.of(hierarchyContract).call('check', { body }));
  await ctx.render({
    item: { actor: actor.email, target: target.email, ...verdict },
    columns: verdictColumns,
    name: ({ allowed }) => (allowed ? 'yes' : 'no'),
  });
  return verdict.allowed ? exitCodes.ok : exitCodes.failed;
}
