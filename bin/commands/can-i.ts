import * as z from 'zod';
import { authContract } from '../../daemons/auth/contract.ts';
import { permissionContract, type Verdict } from '../../daemons/permission/contract.ts';
import { clientIdSchema } from '../../lib/core/ids.ts';
import { bodyOf } from '../cli/api-error.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { connect } from '../client/gateway.ts';
import { findUser } from '../client/users.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';

const columns: readonly Column<Verdict>[] = [
  { header: 'ALLOWED', value: (row) => row.allowed },
  { header: 'REASON', value: (row) => row.reason, keep: true },
  { header: 'ROLE', value: (row) => row.role?.name },
  { header: 'PERMISSION', value: (row) => row.permission_id, wide: true },
];

const input = z.object({ method: z.string(), path: z.string(), as: z.string().optional() });

/** `leadctl can-i METHOD PATH`: exit 0 for yes, 1 for no. */
export const defineCanI: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Say whether a request is allowed and by which role, or why not; exit 1 when not',
    args: [
      { name: '<method>', help: 'GET, POST, PUT, PATCH or DELETE' },
      { name: '<path>', help: 'public path, as a template or as it is' },
    ],
    options: [
      {
        flags: '--as <user>',
        help: 'about somebody else (e-mail or id); admins only',
        complete: 'members',
      },
    ],
    input,
    examples: [
      'leadctl can-i GET /api/clients/acme/leads',
      `leadctl can-i DELETE '/api/clients/{client_id}/leads/{lead_id}' --client acme --as rep@acme.example`,
    ],
    run: ask,
  });
};

/** A template leaves open which client is meant; a path as it is says so itself. */
const namesNoClient = (path: string): boolean => path.includes('{client_id}');

async function ask(ctx: CommandContext, given: z.output<typeof input>): Promise<ExitCode> {
  const gateway = await connect(ctx);
  const who =
    given.as === undefined
      ? bodyOf(await gateway.of(authContract).call('me', {}))
      : await findUser(gateway, given.as);
  // The path says which client is meant; one that is named as well, and differs, is for the gateway to refuse.
  const configured = namesNoClient(given.path) ? gateway.settings.client : undefined;
  const client = ctx.flags.client ?? clientIn(given.path) ?? configured;
  const verdict = bodyOf(
    await gateway.of(permissionContract).call('checkAccess', {
      body: {
        user_id: who.id,
        method: given.method,
        path: given.path,
        ...(client === undefined ? {} : { client_id: client }),
      },
    }),
  );
  const yesOrNo = ({ allowed }: Verdict): string => (allowed ? 'yes' : 'no');
  await ctx.render({ item: verdict, columns, name: yesOrNo });
  return verdict.allowed ? exitCodes.ok : exitCodes.failed;
}

/** The client that a path names, unless its place is left open: `/api/clients/{client_id}/…`. */
function clientIn(path: string): string | undefined {
  const named = /^\/api\/clients\/([^/?#{}]+)/.exec(path)?.[1];
  return clientIdSchema.safeParse(named).data;
}
