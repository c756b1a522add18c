import { CliError, usageError } from '../cli/failure.ts';
import type { CommandContext } from '../cli/context.ts';
import { connect } from '../client/gateway.ts';
import { makePlan, type Planned, type Work } from '../manifest/converge.ts';
import { loadManifest } from '../manifest/load.ts';
import { openPlatform, type PlatformApi } from '../manifest/platform/api.ts';
import type { Step } from '../manifest/step.ts';
import { planView } from '../manifest/view.ts';
import { createProgress, type Progress } from '../ui/progress.ts';

export const fileOption = {
  flags: '-f, --file <file>',
  help: 'a manifest, a directory of them, or - for standard input; may be repeated',
  repeat: true,
} as const;

export const pruneOption = {
  flags: '--prune',
  help: 'remove what the manifest’s set made earlier and names no more',
} as const;

export const acceptUnprovenOption = {
  flags: '--accept-unproven',
  help: 'vouch for accounts that nobody has proven: their passwords and sessions end, each gets a new link',
} as const;

export interface PlatformRun {
  readonly api: PlatformApi;
  readonly url: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The platform with a line of progress for whoever waits. */
export async function openRun(ctx: CommandContext): Promise<PlatformRun> {
  const progress = createProgress(ctx.io, ctx.flags.quiet, () => performance.now());
  const gateway = await connect(ctx);
  const signal = ctx.interruption();
  const api = openPlatform(gateway, signal, (seconds) => {
    progress.update(`Waiting ${seconds} s: the gateway takes no more requests at present …`);
  });
  return { api, url: gateway.settings.url, progress, signal };
}

export interface PlannedRun extends PlatformRun {
  readonly work: Work;
  readonly planned: Planned;
}

/** Reads the manifests, looks at the platform and plans; refuses what cannot be brought about. */
export async function planRun(
  ctx: CommandContext,
  input: {
    readonly file: readonly string[];
    readonly prune: boolean;
    readonly acceptUnproven?: boolean;
  },
): Promise<PlannedRun> {
  const { manifest, secrets } = await loadManifest(ctx.io, input.file);
  if (input.prune && manifest.set === undefined) {
    throw usageError(
      '--prune needs to know what it may remove',
      'name a set in the manifest: set: NAME',
    );
  }
  const run = await openRun(ctx);
  const work: Work = {
    api: run.api,
    manifest,
    secrets,
    prune: input.prune,
    acceptUnproven: input.acceptUnproven ?? false,
    signal: run.signal,
    onRead: (done, total) => run.progress.update(`Reading clients ${done}/${total} …`),
  };
  try {
    const planned = await makePlan(work);
    refuseProblems(planned);
    return { ...run, work, planned };
  } finally {
    run.progress.clear();
  }
}

const MOST_ROWS = 200;

/** Shows a plan; on a terminal only as much of a long one as somebody would read. */
export async function showPlan(ctx: CommandContext, steps: readonly Step[]): Promise<void> {
  const isCut = ctx.io.stdoutIsTty && isHuman(ctx) && steps.length > MOST_ROWS;
  await ctx.render(planView(isCut ? steps.slice(0, MOST_ROWS) : steps));
  if (ctx.io.stdoutIsTty && ctx.flags.output === 'table' && steps.length > 0) {
    await ctx.note('-o wide shows every change whole');
  }
  if (isCut) await ctx.note(`… and ${steps.length - MOST_ROWS} more; -o json shows them all`);
}

export function isHuman({ flags }: CommandContext): boolean {
  return flags.output === 'table' || flags.output === 'wide';
}

const MOST_SHOWN = 20;

function refuseProblems({ plan: { problems } }: Planned): void {
  if (problems.length === 0) return;
  const more = problems.length - MOST_SHOWN;
  throw new CliError('The manifest cannot be brought about; nothing was changed', {
    code: 'manifest_impossible',
    why: [...problems.slice(0, MOST_SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
    next: 'correct the manifest and run it again',
  });
}
