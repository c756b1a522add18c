import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { usageError } from '../../cli/failure.ts';
import { findDestination, lookUpKind } from '../../client/destinations.ts';
import { connectToClient } from '../../client/scope.ts';
import { destinationArgument } from './argument.ts';
import {
  type Change,
  changeInput,
  changeOptions,
  fromFile,
  lintQuery,
  typedOver,
} from './change.ts';
import { noteTrouble, noteWarnings } from './notes.ts';
import { wholeView } from './view.ts';

const input = z.object({
  destination: z.string(),
  name: z.string().min(1).optional(),
  ...changeInput,
});

/** `leadctl destination set`, and its two shortest forms: `enable` and `disable`. */
export const defineDestinationSet: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'set', {
    summary: 'Change some of a destination; the rest stays, a setting that is null is taken away',
    args: [destinationArgument],
    options: [{ flags: '--name <name>', help: 'what it is called from now on' }, ...changeOptions],
    input,
    examples: [
      'leadctl destination set crm --client acme --setting url=https://crm.example.com/v2',
      'leadctl destination set crm --client acme --filter source=website --filter field:city=Berlin',
      'leadctl destination set whatsapp --client acme --setting template.name=new_lead --setting template.parameters=name',
      'leadctl destination set crm --client acme --secret-file signing_secret=secret.txt',
    ],
    run: async (ctx, asked) => {
      const gateway = await connectToClient(ctx);
      const file = await fromFile(ctx, asked);
      const before = await findDestination(gateway, asked.destination);
      const kind = asked.setting.length > 0 ? await lookUpKind(gateway, before.kind) : undefined;
      const typed = await typedOver(ctx, gateway, asked, { file, kind, before });
      const change = { ...typed, ...(asked.name === undefined ? {} : { name: asked.name }) };
      if (Object.keys(change).length === 0) {
        throw usageError('Nothing to change', 'leadctl destination set --help');
      }
      await save(ctx, { destination: before.id, change, check: asked.check });
    },
  });
  for (const enabled of [true, false]) {
    defineVerb(noun, cli, enabled ? 'enable' : 'disable', {
      summary: enabled
        ? 'Switch a destination on, also one that its receiver had switched off'
        : 'Switch a destination off: leads that come meanwhile do not go there',
      args: [destinationArgument],
      input: z.object({ destination: z.string() }),
      examples: [`leadctl destination ${enabled ? 'enable' : 'disable'} crm --client acme`],
      run: async (ctx, { destination: text }) => {
        const { id } = await findDestination(await connectToClient(ctx), text);
        await save(ctx, { destination: id, change: { enabled }, check: false });
      },
    });
  }
};

async function save(
  ctx: CommandContext,
  of: { readonly destination: string; readonly change: Change; readonly check: boolean },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const answer = await gateway.of(integrationContract).call('changeDestination', {
    params: { client_id: gateway.clientId, destination_id: of.destination },
    query: lintQuery(of),
    body: of.change,
  });
  const item = bodyOf(answer);
  await ctx.render(wholeView(item));
  await noteWarnings(ctx, item);
  await noteTrouble(ctx, item);
}
