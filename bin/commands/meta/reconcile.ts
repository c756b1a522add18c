import * as z from 'zod';
import { type ReconcileReport, webhookContract } from '../../../daemons/webhook/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError } from '../../cli/failure.ts';
import { moment } from '../../cli/specs.ts';
import { findSource, listSources, type MetaSource, nameOf } from '../../client/meta-sources.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import type { Column } from '../../ui/columns.ts';
import { createProgress } from '../../ui/progress.ts';

const columns: readonly Column<ReconcileReport>[] = [
  { header: 'PAGE', value: (row) => row.page_id },
  { header: 'FORM', value: (row) => row.form_id },
  { header: 'CHECKED', value: (row) => row.checked, align: 'right' },
  { header: 'MISSING', value: (row) => row.missing, align: 'right' },
  { header: 'FILLED', value: (row) => row.filled, align: 'right' },
  { header: 'FAILED', value: (row) => row.failed.length, align: 'right' },
  { header: 'UNDELIVERED', value: (row) => row.undelivered.length, align: 'right' },
  { header: 'STOPPED', value: ({ stopped }) => stopped?.message },
];

const input = z.object({
  since: z
    .string()
    .transform(moment(() => new Date()))
    .optional(),
  source: z.string().optional(),
});

/** `leadctl meta reconcile`: what webhooks missed, from the forms themselves. */
export const defineReconcile: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'reconcile', {
    summary: 'Compare the leads of the forms at Meta with ours and fetch the missing ones',
    options: [
      { flags: '--since <time>', help: '2026-03-01, 24h, 7d (where the last one got to)' },
      { flags: '--source <source>', help: 'only this: id, PAGE or PAGE/FORM' },
    ],
    input,
    examples: [
      'leadctl meta reconcile --client acme --since 24h',
      'leadctl meta reconcile --client acme --source 1234567890/9876543210 -o json',
    ],
    run: reconcile,
  });
};

async function reconcile(
  ctx: CommandContext,
  { since, source }: z.output<typeof input>,
): Promise<ExitCode> {
  const gateway = await connectToClient(ctx);
  const sources =
    source === undefined ? await listSources(gateway) : [await findSource(gateway, source)];
  if (sources.length === 0) {
    throw new CliError(`${gateway.clientId} has no Meta source`, {
      exitCode: exitCodes.notFound,
      code: 'not_found',
      next: 'leadctl meta source add PAGE_ID --form FORM_ID',
    });
  }
  const progress = createProgress(ctx.io, ctx.flags.quiet, () => ctx.now().getTime());
  const rows: ReconcileReport[] = [];
  try {
    for (const one of sources) {
      rows.push(
        await reconcileSource(gateway, one, since, (report) =>
          progress.update(`${nameOf(one)}: ${report.checked} checked, ${report.filled} filled`),
        ),
      );
    }
  } finally {
    progress.clear();
  }
  await ctx.render({ rows, columns, name: (row) => row.source_id });
  const isWhole = rows.every(({ failed, stopped }) => failed.length === 0 && stopped === null);
  return isWhole ? exitCodes.ok : exitCodes.partly;
}

/** An answer that ran out of time is continued until all of the source is looked through. */
async function reconcileSource(
  gateway: ClientGateway,
  source: MetaSource,
  since: string | undefined,
  onProgress: (report: ReconcileReport) => void,
): Promise<ReconcileReport> {
  const webhook = gateway.of(webhookContract);
  const params = { client_id: gateway.clientId, source_id: source.id };
  let total: ReconcileReport | undefined;
  let continuation: string | undefined;
  do {
    const report: ReconcileReport = bodyOf(
      await webhook.call('reconcile', {
        params,
        body: {
          ...(since === undefined ? {} : { since }),
          ...(continuation === undefined ? {} : { continuation }),
        },
      }),
    );
    total = total === undefined ? report : add(total, report);
    onProgress(total);
    continuation = report.continuation ?? undefined;
  } while (continuation !== undefined);
  return total;
}

function add(before: ReconcileReport, more: ReconcileReport): ReconcileReport {
  return {
    ...more,
    since: before.since,
    checked: before.checked + more.checked,
    missing: before.missing + more.missing,
    filled: before.filled + more.filled,
    failed: [...before.failed, ...more.failed],
    undelivered: [...before.undelivered, ...more.undelivered],
  };
}
