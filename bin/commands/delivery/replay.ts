import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { moment } from '../../cli/specs.ts';
import type { Answer } from '../../client/answer.ts';
import { connectToClient } from '../../client/scope.ts';
import type { Column } from '../../ui/columns.ts';
import { maskText } from '../../ui/mask.ts';

const REPLAYABLE =
  integrationContract.routes.replayDeliveries.body.schema.shape.status.unwrap().options;

type Replayed = Answer<typeof integrationContract, 'replayDeliveries', 200>;
type Group = Replayed['groups'][number];

const columns: readonly Column<Group>[] = [
  { header: 'COUNT', value: (row) => row.count, align: 'right' },
  { header: 'DESTINATION', value: (row) => row.destination.name },
  { header: 'KIND', value: (row) => row.integration, wide: true },
  { header: 'CODE', value: (row) => row.code },
  { header: 'MESSAGE', value: (row) => row.message && maskText(row.message), wrap: true },
];

const time = z.string().transform(moment(() => new Date()));

const input = z.object({
  status: z.enum(REPLAYABLE).optional(),
  destination: z.string().optional(),
  integration: z.string().optional(),
  since: time.optional(),
  until: time.optional(),
  config: z.enum(['current', 'original']).default('current'),
  dryRun: z.boolean().default(false),
});

/** `leadctl delivery replay`. */
export const defineReplay: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'replay', {
    summary:
      'Try many deliveries again: failed and held ones unless told; what was delivered stays',
    options: [
      { flags: '--status <status>', help: 'only these', choices: REPLAYABLE },
      {
        flags: '--destination <name>',
        help: 'only to this one, by name or id',
        complete: 'destinations',
      },
      { flags: '--integration <kind>', help: 'only to those of this kind' },
      { flags: '--since <time>', help: 'made from then on: 2026-03-01, 24h, 7d' },
      { flags: '--until <time>', help: 'made before then' },
      {
        flags: '--config <which>',
        help: 'under today’s settings (usual) or those each was made under',
        choices: ['current', 'original'],
      },
      { flags: '--dry-run', help: 'only count them, by error' },
    ],
    input,
    examples: [
      'leadctl delivery replay --client acme --dry-run',
      'leadctl delivery replay --client acme --status failed --since 24h --yes',
    ],
    run: replay,
  });
};

async function replay(
  ctx: CommandContext,
  { dryRun, status, destination, integration, since, until, config }: z.output<typeof input>,
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const integrations = gateway.of(integrationContract);
  const call = async (dry_run: boolean): Promise<Replayed> =>
    bodyOf(
      await integrations.call('replayDeliveries', {
        params: { client_id: gateway.clientId },
        body: {
          config,
          dry_run,
          ...(status === undefined ? {} : { status }),
          ...(destination === undefined ? {} : { destination }),
          ...(integration === undefined ? {} : { integration }),
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
        },
      }),
    );
  const found = await call(true);
  const result = dryRun || found.count === 0 ? found : await confirmed(ctx, found, call);
  if (ctx.flags.output === 'json' || ctx.flags.output === 'yaml') {
    await ctx.render<Replayed>({ item: result, columns: [], name: ({ count }) => String(count) });
  } else {
    const name = (group: Group): string => group.code ?? group.destination.name;
    await ctx.render({ rows: result.groups, columns, name, empty: 'Nothing to replay.' });
  }
  await ctx.note(`${result.count} ${result.dry_run ? 'would be' : 'are being'} tried again`);
}

async function confirmed(
  ctx: CommandContext,
  found: Replayed,
  call: (dryRun: boolean) => Promise<Replayed>,
): Promise<Replayed> {
  const groups = found.groups
    .map(({ count, destination, code }) => `${count} × ${destination.name} ${code ?? 'no error'}`)
    .join(', ');
  await ctx.confirm({ question: `Try ${found.count} deliveries again (${groups})?` });
  return await call(false);
}
