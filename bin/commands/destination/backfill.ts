import * as z from 'zod';
import { type Backfilled, integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { moment } from '../../cli/specs.ts';
import { findDestination } from '../../client/destinations.ts';
import { connectToClient } from '../../client/scope.ts';
import type { Column } from '../../ui/columns.ts';
import { destinationArgument } from './argument.ts';
import { readFilter } from './change.ts';

const time = z.string().transform(moment(() => new Date()));

const input = z.object({
  destination: z.string(),
  since: time.optional(),
  until: time.optional(),
  filter: z.array(z.string()).optional(),
  dryRun: z.boolean().default(false),
});

interface Total extends Backfilled {
  readonly destination: string;
}

const columns: readonly Column<Total>[] = [
  { header: 'DESTINATION', value: (row) => row.destination },
  { header: 'LEADS', value: (row) => row.count, align: 'right' },
  { header: 'LEFT', value: (row) => row.remaining, align: 'right' },
];

/** `leadctl destination backfill`. */
export const defineBackfill: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'backfill', {
    summary:
      'Send a destination the leads that it never got; what it has of a lead is not repeated',
    args: [destinationArgument],
    options: [
      { flags: '--since <time>', help: 'leads from then on: 2026-03-01, 24h, 7d' },
      { flags: '--until <time>', help: 'leads from before then' },
      {
        flags: '--filter <key=value>',
        help: 'only leads with source=, product=, status= or field:NAME=; may be repeated',
        repeat: true,
      },
      { flags: '--dry-run', help: 'only count them' },
    ],
    input,
    examples: [
      'leadctl destination backfill crm --client acme --since 7d --dry-run',
      'leadctl destination backfill crm --client acme --since 7d --filter source=website --yes',
    ],
    run: backfill,
  });
};

async function backfill(
  ctx: CommandContext,
  { destination: text, since, until, filter: typed, dryRun }: z.output<typeof input>,
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const { id, name } = await findDestination(gateway, text);
  const filter = typed === undefined ? undefined : await readFilter(gateway, typed);
  const call = async (dry_run: boolean): Promise<Backfilled> =>
    bodyOf(
      await gateway.of(integrationContract).call('backfillDestination', {
        params: { client_id: gateway.clientId, destination_id: id },
        body: {
          dry_run,
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
          ...(filter === undefined ? {} : { filter }),
        },
      }),
    );
  const show = async (done: Backfilled): Promise<void> => {
    const item = { destination: name, ...done };
    await ctx.render({ item, columns, name: (row) => String(row.count) });
  };
  const found = await call(true);
  const all = found.count + found.remaining;
  if (dryRun || all === 0) return await show({ ...found, count: all, remaining: 0 });
  await ctx.confirm({ question: `Send ${all} leads to '${name}' of ${gateway.clientId}?` });
  const signal = ctx.interruption();
  let done = await call(false);
  // One request takes so many and says what it left.
  for (let last = done; last.count > 0 && last.remaining > 0 && !signal.aborted;) {
    await ctx.note(`${done.count} are on their way, ${last.remaining} are left …`);
    last = await call(false);
    done = { ...last, count: done.count + last.count };
  }
  await show(done);
}
