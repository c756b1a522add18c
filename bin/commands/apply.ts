import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError, interrupted } from '../cli/failure.ts';
import { exitCodeForStatus, exitCodes } from '../exit-codes.ts';
import { write } from '../io.ts';
import { carryOut, type Settled } from '../manifest/converge.ts';
import type { Step } from '../manifest/step.ts';
import { countText, planView, resultRow, resultView, type ResultRow } from '../manifest/view.ts';
import { render } from '../ui/render.ts';
import {
  fileOption,
  isHuman,
  planRun,
  pruneOption,
  showPlan,
  type PlannedRun,
} from './manifest-run.ts';

/** `leadctl apply`. */
export const defineApply: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Make what manifests say true, after showing what that changes; off a terminal with --yes',
    options: [fileOption, { flags: '--dry-run', help: 'only show what would change' }, pruneOption],
    input: z.object({
      file: z.array(z.string().min(1), { error: 'must name a manifest, or - for standard input' }),
      dryRun: z.boolean().default(false),
      prune: z.boolean().default(false),
    }),
    examples: [
      'leadctl apply -f acme.yaml',
      'leadctl apply -f manifests/ --prune --dry-run',
      'leadctl apply -f acme.yaml --yes -o json > result.json',
    ],
    run: async (ctx, input) => {
      const run = await planRun(ctx, input);
      const { steps } = run.planned.plan;
      if (input.dryRun) {
        await showPlan(ctx, steps);
        if (steps.length > 0) await ctx.note(`${countText(steps)}; nothing was done`);
        return;
      }
      await announce(ctx, steps);
      if (steps.length > 0) {
        await ctx.confirm({ question: `Do this at ${run.url}: ${countText(steps)}?` });
      }
      const settled = await carryOutWatched(ctx, run);
      await report(ctx, run, settled);
    },
  });
};

/** On stdout where it is for people, else on stderr for whoever is asked: stdout is then for the results. */
async function announce(ctx: CommandContext, steps: readonly Step[]): Promise<void> {
  const { io, flags } = ctx;
  if (isHuman(ctx)) await showPlan(ctx, steps);
  else if (!flags.yes) {
    const aside = { ...io, columns: io.columns, stdout: io.stderr, stdoutIsTty: io.stderrIsTty };
    const options = { format: 'table', colour: false, reveal: false, quiet: true } as const;
    await render(aside, planView(steps), { ...options, now: ctx.now() });
  }
}

async function carryOutWatched(
  ctx: CommandContext,
  { work, planned, progress }: PlannedRun,
): Promise<Map<string, Settled>> {
  const total = planned.plan.steps.length;
  const startedAtMs = performance.now();
  let done = 0;
  try {
    return await carryOut(work, planned, ({ kind, clientId, name }, { status }) => {
      if (status === 'done') done += 1;
      const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
      const what = `${kind.replace('_', ' ')} ${clientId === null ? '' : `${clientId} `}${name}`;
      progress.update(`Applying ${done}/${total} (${seconds} s) ${what}`);
    });
  } finally {
    progress.clear();
  }
}

/** Prints what became of each step; throws where not all of it was done. */
async function report(
  ctx: CommandContext,
  { planned, work }: PlannedRun,
  settled: ReadonlyMap<string, Settled>,
): Promise<void> {
  const { steps } = planned.plan;
  const rows = steps.map((step) => resultRow(step, settled.get(step.key)));
  const isOpen = ({ status }: ResultRow): boolean => status === 'failed' || status === 'skipped';
  const hasSecret = (row: ResultRow): boolean =>
    row.key !== undefined || row.set_password_token !== undefined;
  if (isHuman(ctx)) {
    const notable = rows.filter((row) => isOpen(row) || hasSecret(row));
    if (notable.length > 0) {
      await write(ctx.io.stdout, '\n');
      await ctx.render(resultView(notable));
    }
  } else await ctx.render(resultView(rows));
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
  if (rows.some((row) => row.set_password_token !== undefined)) {
    await ctx.note(
      'Invited users set their first password with the token shown, once: POST /api/auth/password/set {token, password}',
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
