import { CliError, interrupted } from '../../cli/failure.ts';
import type { CommandContext } from '../../cli/context.ts';
import { exitCodeForStatus, exitCodes } from '../../exit-codes.ts';
import { write } from '../../io.ts';
import type { Settled } from '../../manifest/engine/converge.ts';
import { resultLines } from '../../manifest/show/result-lines.ts';
import type { Step } from '../../manifest/engine/step.ts';
import { resultRow, resultView, type ResultRow } from '../../manifest/show/view.ts';
import { isHuman, type PlannedRun } from '../shared/manifest-run.ts';

/** Prints what became of each step; throws where not all of it was done. */
export async function reportResults(
  ctx: CommandContext,
  { planned, work }: PlannedRun,
  settled: ReadonlyMap<string, Settled>,
): Promise<void> {
  const { steps } = planned.plan;
  const rows = steps.map((step) => resultRow(step, settled.get(step.key)));
  const isOpen = ({ status }: ResultRow): boolean => status === 'failed' || status === 'skipped';
  await (isHuman(ctx) ? write(ctx.io.stdout, resultLines(rows)) : ctx.render(resultView(rows)));
  await remarks(ctx, rows);

  const open = rows.filter(isOpen);
  if (open.length === 0) return;
  if (work.signal.aborted) throw interrupted();
  throw failure(steps, rows, settled, open.length);
}

async function remarks(ctx: CommandContext, rows: readonly ResultRow[]): Promise<void> {
  const count = (wanted: ResultRow['status']): number =>
    rows.filter(({ status }) => status === wanted).length;
  if (rows.some(({ key }) => key !== undefined)) {
    await ctx.note('The values of new API keys are shown this once: keep them now.');
  }
  if (rows.some(({ secrets }) => secrets !== undefined)) {
    await ctx.note('Secrets that were made are shown this once: give them to the receivers now.');
  }
  if (rows.some((row) => row.set_password_url !== undefined)) {
    await ctx.note(
      'Invited users choose their first password at the link shown, which works once and is shown only now.',
    );
  }
  if (rows.length > 0) {
    const already = count('unchanged') > 0 ? `, ${count('unchanged')} were so already` : '';
    await ctx.note(`${count('done')} of ${rows.length} changes made${already}`);
  }
}

function failure(
  steps: readonly Step[],
  rows: readonly ResultRow[],
  settled: ReadonlyMap<string, Settled>,
  open: number,
): unknown {
  const isPartly = rows.some(({ status }) => status === 'done');
  const [first] = steps.flatMap(({ key }) => {
    const result = settled.get(key);
    return result?.status === 'failed' || result?.status === 'conflict' ? [result] : [];
  });
  if (!isPartly && first !== undefined && 'error' in first) return first.error;
  const status = first !== undefined && 'problem' in first ? first.problem.status : 500;
  return new CliError(`${open} of ${rows.length} changes were not made`, {
    exitCode: isPartly ? exitCodes.partly : exitCodeForStatus(status),
    code: isPartly ? 'partly_done' : 'not_done',
    why: [
      ...new Set(rows.flatMap(({ status, error }) => (status === 'failed' ? [error ?? ''] : []))),
    ]
      .slice(0, 5)
      .join('\n'),
    next: 'put right what the errors say and apply it again: it does what is left',
  });
}
