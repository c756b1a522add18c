import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { permissionContract, type Verdict } from '../../daemons/permission/contract.ts';
import { reachOf, type Route } from '../../lib/contract/route.ts';
import { clientIdSchema } from '../../lib/core/ids.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError, usageError } from '../cli/failure.ts';
import { allOperations } from '../client/contracts.ts';
import { connect, type Gateway } from '../client/gateway.ts';
import { templateOf } from '../client/templates.ts';
import { findUser } from '../client/users.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';

const columns: readonly Column<Verdict>[] = [
  { header: 'ALLOWED', value: (row) => row.allowed },
  { header: 'REASON', value: (row) => row.reason, wrap: true },
  { header: 'ROLE', value: (row) => row.role?.name },
  { header: 'PERMISSION', value: (row) => row.permission_id, wide: true },
];

type Allowed = Verdict & Pick<Route, 'method' | 'path' | 'summary'>;

const allowedColumns: readonly Column<Allowed>[] = [
  { header: 'METHOD', value: (row) => row.method, keep: true },
  { header: 'PATH', value: (row) => row.path, keep: true },
  { header: 'ROLE', value: (row) => row.role?.name ?? 'administrator' },
  { header: 'WHAT', value: (row) => row.summary, wrap: true },
];

const AT_A_TIME = 6;

const input = z.object({
  method: z.string().optional(),
  path: z.string().optional(),
  list: z.boolean().default(false),
  as: z.string().optional(),
});

/** `leadctl can-i METHOD PATH`: exit 0 for yes, 1 for no. */
export const defineCanI: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Say whether a request is allowed and by which role, or why not; exit 1 when not',
    args: [
      { name: '[method]', help: 'GET, POST, PUT, PATCH or DELETE', complete: 'methods' },
      { name: '[path]', help: 'public path, as a template or as it is', complete: 'paths' },
    ],
    options: [
      { flags: '--list', help: 'everything that is allowed, in the client that is named' },
      {
        flags: '--as <user>',
        help: 'about somebody else (e-mail or id); admins only',
        complete: 'members',
      },
    ],
    input,
    reads: true,
    examples: [
      'leadctl can-i --list --client acme',
      'leadctl can-i GET /api/clients/acme/leads',
      `leadctl can-i DELETE '/api/clients/{client_id}/leads/{lead_id}' --client acme --as rep@acme.example`,
    ],
    run: ask,
  });
};

/** A template leaves open which client is meant; a path as it is says so itself. */
const namesNoClient = (path: string): boolean => path.includes('{client_id}');

async function ask(ctx: CommandContext, given: z.output<typeof input>): Promise<ExitCode> {
  const { method, path } = given;
  if (given.list) return await listAllowed(ctx, given.as);
  if (method === undefined || path === undefined) {
    throw usageError('Which request? Name a METHOD and a PATH', 'leadctl can-i --list shows all');
  }
  await requireOperation(method, path);
  const gateway = await connect(ctx);
  const who = await subjectOf(gateway, given.as);
  // The path says which client is meant; one that is named as well, and differs, is for the gateway to refuse.
  const configured = namesNoClient(path) ? gateway.settings.client : undefined;
  const client = ctx.flags.client ?? clientIn(path) ?? configured;
  const verdict = bodyOf(
    await gateway.of(permissionContract).call('checkAccess', {
      body: {
        user_id: who.id,
        method,
        path,
        ...(client === undefined ? {} : { client_id: client }),
      },
    }),
  );
  const yesOrNo = ({ allowed }: Verdict): string => (allowed ? 'yes' : 'no');
  await ctx.render({ item: verdict, columns, name: yesOrNo });
  return verdict.allowed ? exitCodes.ok : exitCodes.failed;
}

/** An administrator passes every check, that of a route that does not exist too: it must not read as a yes. */
async function requireOperation(method: string, path: string): Promise<void> {
  const all = (await allOperations()).map(({ route }) => route);
  if (templateOf(all, method, path) !== undefined) return;
  throw new CliError(`No operation is ${method.toUpperCase()} ${path}`, {
    exitCode: exitCodes.notFound,
    code: 'not_found',
    next: 'leadctl permission ls shows what there is',
  });
}

/** Whom it is about: the caller unless somebody is named. */
async function subjectOf(gateway: Gateway, as: string | undefined): Promise<{ id: string }> {
  if (as !== undefined) return await findUser(gateway, as);
  return bodyOf(await gateway.of(authContract).call('me', {}));
}

/** Asks for every operation there is; anybody may ask about themselves. */
async function listAllowed(ctx: CommandContext, as: string | undefined): Promise<ExitCode> {
  const gateway = await connect(ctx);
  const { id } = await subjectOf(gateway, as);
  const { client } = gateway.settings;
  const operations = (await allOperations()).filter(({ route }) => route.access === 'grant');
  const inReach = operations.filter(
    ({ route }) => client !== undefined || reachOf(route) === 'platform',
  );
  const rows: Allowed[] = [];
  for (let from = 0; from < inReach.length; from += AT_A_TIME) {
    const verdicts = await Promise.all(
      inReach.slice(from, from + AT_A_TIME).map(async ({ route: { method, path, summary } }) => {
        const body = { user_id: id, method, path, ...(client ? { client_id: client } : {}) };
        const verdict = bodyOf(await gateway.of(permissionContract).call('checkAccess', { body }));
        return { method, path, summary, ...verdict };
      }),
    );
    rows.push(...verdicts.filter(({ allowed }) => allowed));
  }
  await ctx.render({
    rows,
    columns: allowedColumns,
    name: ({ method, path }) => `${method} ${path}`,
    empty: 'Nothing but what everybody may.',
  });
  if (client === undefined) await ctx.note('Without --client only what is of no client is listed');
  return rows.length > 0 ? exitCodes.ok : exitCodes.failed;
}

/** The client that a path names, unless its place is left open: `/api/clients/{client_id}/…`. */
function clientIn(path: string): string | undefined {
  const named = /^\/api\/clients\/([^/?#{}]+)/.exec(path)?.[1];
  return clientIdSchema.safeParse(named).data;
}
