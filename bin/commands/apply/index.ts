import * as z from 'zod';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { carryOut, type Settled } from '../../manifest/engine/converge.ts';
import type { Step } from '../../manifest/engine/step.ts';
import { showKind } from '../../manifest/names.ts';
import { countText, planView } from '../../manifest/show/view.ts';
import { render } from '../../ui/render.ts';
import { reportResults } from './report.ts';
import {
  acceptUnprovenOption,
  fileOption,
  isHuman,
  planRun,
  pruneOption,
  showPlan,
  type PlannedRun,
} from '../shared/manifest-run.ts';

/** `leadctl apply`. */
export const defineApply: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Make what manifests say true, after showing what that changes; off a terminal with --yes',
    options: [
      fileOption,
      { flags: '--dry-run', help: 'only show what would change' },
      pruneOption,
      acceptUnprovenOption,
    ],
    input: z.object({
      file: z.array(z.string().min(1), { error: 'must name a manifest, or - for standard input' }),
      dryRun: z.boolean().default(false),
      prune: z.boolean().default(false),
      acceptUnproven: z.boolean().default(false),
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
      await reportResults(ctx, run, settled);
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
      const what = `${showKind(kind)} ${clientId === null ? '' : `${clientId} `}${name}`;
      progress.update(`Applying ${done}/${total} (${seconds} s) ${what}`);
    });
  } finally {
    progress.clear();
  }
}
