import { usageError } from '../../cli/failure.ts';
import type { CommandContext } from '../../cli/context.ts';
import { connect } from '../../client/gateway.ts';
import { openPlatform, type PlatformApi } from '../../manifest/engine/api.ts';
import { makePlan, type Planned, type Work } from '../../manifest/engine/converge.ts';
import type { Step } from '../../manifest/engine/step.ts';
import type { Problem } from '../../manifest/file/document.ts';
import { invalidManifest, loadManifests } from '../../manifest/file/load.ts';
import type { Parsed } from '../../manifest/file/parse.ts';
import { grantLines, planView } from '../../manifest/show/view.ts';
import { write } from '../../io.ts';
import { createProgress, type Progress } from '../../ui/progress.ts';

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
export async function openRun(ctx: CommandContext, deadline?: AbortSignal): Promise<PlatformRun> {
  const progress = createProgress(ctx.io, ctx.flags.quiet, () => performance.now());
  const gateway = await connect(ctx);
  const interruption = ctx.interruption();
  const signal = deadline ? AbortSignal.any([interruption, deadline]) : interruption;
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
  const parsed = await loadManifests(ctx.io, input.file);
  const { manifest, problems } = parsed;
  if (problems.length > 0) {
    throw invalidManifest([...problems, ...(await problemsThere(ctx, parsed))]);
  }
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
    prune: input.prune,
    acceptUnproven: input.acceptUnproven ?? false,
    signal: run.signal,
    onRead: (done, total) => run.progress.update(`Reading clients ${done}/${total} …`),
  };
  try {
    const planned = await makePlan(work);
    if (planned.problems.length > 0) throw invalidManifest(planned.problems);
    return { ...run, work, planned };
  } finally {
    run.progress.clear();
  }
}

const LOOK_MS = 5_000;

/**
 * What the platform has against the rest of a manifest that is wrong already, so that all mistakes are
 * told at once; nothing when it cannot be asked.
 */
async function problemsThere(
  ctx: CommandContext,
  { manifest, broken }: Parsed,
): Promise<readonly Problem[]> {
  try {
    const { api } = await openRun(ctx, AbortSignal.timeout(LOOK_MS));
    const signal = ctx.interruption();
    const { problems } = await makePlan({
      api,
      manifest,
      signal,
      prune: false,
      acceptUnproven: false,
      onRead: () => undefined,
    });
    // What is named in a line that is wrong may well be meant by another.
    const isNamed = ({ message }: Problem): boolean =>
      [...broken].some(
        (name) => message.startsWith('there is no ') && message.includes(`"${name}"`),
      );
    return problems.filter((problem) => !isNamed(problem));
  } catch {
    return [];
  }
}

const MOST_ROWS = 200;

/** Shows a plan; on a terminal only as much of a long one as somebody would read. */
export async function showPlan(ctx: CommandContext, steps: readonly Step[]): Promise<void> {
  const isCut = ctx.io.stdoutIsTty && isHuman(ctx) && steps.length > MOST_ROWS;
  await ctx.render(planView(isCut ? steps.slice(0, MOST_ROWS) : steps));
  if (isHuman(ctx)) await write(ctx.io.stdout, grantLines(steps));
  if (ctx.io.stdoutIsTty && ctx.flags.output === 'table' && steps.length > 0) {
    await ctx.note('-o wide shows every change whole');
  }
  if (isCut) await ctx.note(`… and ${steps.length - MOST_ROWS} more; -o json shows them all`);
}

export function isHuman({ flags }: CommandContext): boolean {
  return flags.output === 'table' || flags.output === 'wide';
}
