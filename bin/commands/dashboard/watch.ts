import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../cli/api-error.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError } from '../../cli/failure.ts';
import { readStanding } from '../../client/dashboard.ts';
import type { ConnectionState } from '../../client/events.ts';
import type { Gateway } from '../../client/gateway.ts';
import { followLeads } from '../../client/lead-events.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import type { Terminal } from '../../io.ts';
import { describeFailure } from '../../ui/failure.ts';
import { mayColour } from '../../ui/style.ts';
import { visible } from '../../ui/text.ts';
import { type DashboardAction, MOST_NEWEST } from '../../ui/views/dashboard-state.ts';
import type { Feed } from '../../ui/views/feed.ts';
import { maskStanding, toDashboardData, toLeadLine } from './view.ts';
import { maskLead } from '../lead/view.ts';

/** With nothing new the numbers are asked for this seldom … */
const IDLE_MS = 10_000;
/** … and however much happens, no more often than this. */
const BUSY_MS = 2_000;

/** Draws until the person leaves or a refusal that no waiting mends. */
export async function watchDashboard(
  ctx: CommandContext,
  terminal: Terminal,
  gateway: Gateway,
  clientId: string | undefined,
): Promise<ExitCode> {
  const { drawDashboard } = await import('../../ui/views/draw-dashboard.tsx');
  const interruption = ctx.interruption();
  const ended = new AbortController();
  const signal = AbortSignal.any([interruption, ended.signal]);
  const bell = createBell();
  const { view, feed } = drawDashboard(terminal, {
    title: `${clientId ?? 'all clients'} at ${gateway.settings.url.replace(/^https?:\/\//, '')}`,
    colour: mayColour(true, ctx.io.env, !ctx.flags.color),
    refresh: bell.ring,
    signal,
  });
  const watch = { ctx, gateway, clientId, feed, bell, signal };
  // Whichever ends first ends the others: a refusal leaves the view, leaving the view ends the rest.
  const end = (): void => ended.abort();
  await Promise.all([
    poll(watch).finally(end),
    clientId === undefined ? undefined : follow(watch, clientId).finally(end),
    view.finally(end),
  ]);
  return interruption.aborted ? exitCodes.interrupted : exitCodes.ok;
}

interface Watch {
  readonly ctx: CommandContext;
  readonly gateway: Gateway;
  readonly clientId: string | undefined;
  readonly feed: Feed<DashboardAction>;
  readonly bell: Bell;
  readonly signal: AbortSignal;
}

async function poll({ ctx, gateway, clientId, feed, bell, signal }: Watch): Promise<void> {
  let everRead = false;
  while (!signal.aborted) {
    try {
      const query = { clientId, newest: MOST_NEWEST, now: ctx.now, signal };
      const read = await readStanding(gateway, query);
      const data = toDashboardData(ctx.flags.reveal ? read : maskStanding(read), clientId);
      everRead = true;
      feed.push({ kind: 'data', data });
      // Without a stream of its own the polling is the connection.
      if (clientId === undefined) feed.push({ kind: 'connection', connection: { kind: 'live' } });
    } catch (error) {
      if (signal.aborted) return;
      if (!everRead || isFinal(error)) throw error;
      const { message } = describeFailure(error, undefined);
      feed.push({ kind: 'trouble', why: visible(message) });
    }
    await sleep(BUSY_MS, undefined, { signal }).catch(() => undefined);
    await bell.rung(IDLE_MS - BUSY_MS, signal);
  }
}

/** A login that ended or a client that is gone; a gateway that restarts is worth waiting for. */
function isFinal(error: unknown): boolean {
  if (error instanceof CliError) return error.details.exitCode === exitCodes.denied;
  return error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429;
}

async function follow(watch: Watch, clientId: string): Promise<void> {
  const { ctx, gateway, feed, bell, signal } = watch;
  const onState = (connection: ConnectionState): void =>
    feed.push({ kind: 'connection', connection });
  try {
    for await (const { lead } of followLeads(
      { ...gateway, clientId },
      { signal, filter: {}, onState },
    )) {
      feed.push({ kind: 'lead', lead: toLeadLine(ctx.flags.reveal ? lead : maskLead(lead)) });
      bell.ring();
    }
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem.status !== 403) throw error;
    // Who may not follow the leads may still see numbers: they are asked for now and then.
    onState({ kind: 'live' });
    await once(signal, 'abort');
  }
}

interface Bell {
  readonly ring: () => void;
  /** Returns once it has rung since the last time, or after `atMostMs`, or when `signal` ends. */
  rung(atMostMs: number, signal: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let next = Promise.withResolvers<void>();
  return {
    ring: () => next.resolve(),
    async rung(atMostMs, signal) {
      const over = new AbortController();
      const until = AbortSignal.any([signal, over.signal]);
      await Promise.race([
        next.promise,
        sleep(atMostMs, undefined, { signal: until }).catch(() => undefined),
      ]);
      over.abort();
      next = Promise.withResolvers<void>();
    },
  };
}
