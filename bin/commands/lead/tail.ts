import * as z from 'zod';
import { LEAD_STATUSES, leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import type { ConnectionState } from '../../client/events.ts';
import { followLeads, type LeadEvent } from '../../client/lead-events.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import type { Terminal } from '../../io.ts';
import { maskDetail } from '../../ui/mask-payload.ts';
import { mayColour } from '../../ui/style.ts';
import { visible } from '../../ui/text.ts';
import type { TimelineLine } from '../../ui/views/tail-state.ts';
import { toTailRow } from './tail-rows.ts';
import { detailText, maskLead } from './view.ts';

const input = z.object({
  status: z.enum(LEAD_STATUSES).optional(),
  source: z.string().optional(),
  search: z.string().min(1).optional(),
  sinceEvent: z.string().min(1).optional(),
  limit: z.coerce.number().int().positive().optional(),
});
type Input = z.output<typeof input>;

/** `leadctl lead tail`: a live view on a terminal, JSON lines anywhere else. */
export const defineLeadTail: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'tail', {
    summary: 'Follow leads and deliveries as they happen',
    options: [
      { flags: '--status <status>', help: 'only with this status', choices: LEAD_STATUSES },
      { flags: '--source <source>', help: 'only from this source' },
      { flags: '--search <text>', help: 'part of a name, e-mail, phone, reference or id' },
      { flags: '--since-event <id>', help: 'begin after this event, as a line’s id names it' },
      { flags: '--limit <n>', help: 'print this many as JSON lines, then end' },
    ],
    input,
    examples: [
      'leadctl lead tail --client acme',
      'leadctl lead tail --client acme -o json | jq -r .lead.source',
      'leadctl lead tail --source facebook --limit 1 -o json',
    ],
    run: async (ctx, given) => {
      const gateway = await connectToClient(ctx);
      return ctx.terminal !== undefined && given.limit === undefined
        ? await watch(ctx, ctx.terminal, gateway, given)
        : await printLines(ctx, gateway, given);
    },
  });
};

async function printLines(
  ctx: CommandContext,
  gateway: ClientGateway,
  { limit = Infinity, sinceEvent, ...filter }: Input,
): Promise<ExitCode> {
  const signal = ctx.interruption();
  const onState = (state: ConnectionState): void => {
    if (state.kind !== 'waiting') return;
    const seconds = Math.ceil(state.retryInMs / 1_000);
    const { url } = gateway.settings;
    void ctx.note(`${ctx.now().toISOString()} ${url}: ${state.why}; trying again in ${seconds} s`);
  };
  let printed = 0;
  for await (const event of followLeads(gateway, { signal, since: sinceEvent, filter, onState })) {
    await ctx.jsonLine(ctx.flags.reveal ? event : maskEvent(event));
    printed += 1;
    if (printed >= limit) return exitCodes.ok;
  }
  return exitCodes.interrupted;
}

function maskEvent(event: LeadEvent): LeadEvent {
  return { ...event, lead: maskLead(event.lead), detail: maskDetail(event.detail) };
}

async function watch(
  ctx: CommandContext,
  terminal: Terminal,
  gateway: ClientGateway,
  { sinceEvent, ...filter }: Input,
): Promise<ExitCode> {
  const { drawTail } = await import('../../ui/views/draw-tail.tsx');
  const interruption = ctx.interruption();
  const ended = new AbortController();
  const signal = AbortSignal.any([interruption, ended.signal]);
  const { view, feed } = drawTail(terminal, {
    title: `leads of ${gateway.clientId}`,
    colour: mayColour(true, ctx.io.env, !ctx.flags.color),
    loadTimeline: (leadId) => loadTimeline(ctx, gateway, leadId),
    signal,
  });
  const pump = async (): Promise<void> => {
    const onState = (connection: ConnectionState): void =>
      feed.push({ kind: 'connection', connection });
    const events = followLeads(gateway, { signal, since: sinceEvent, filter, onState });
    for await (const event of events) {
      feed.push({ kind: 'row', row: toTailRow(event, ctx.flags.reveal) });
    }
  };
  // Whichever ends first ends the other: a refusal leaves the view, leaving the view ends the stream.
  const end = (): void => ended.abort();
  await Promise.all([pump().finally(end), view.finally(end)]);
  return interruption.aborted ? exitCodes.interrupted : exitCodes.ok;
}

async function loadTimeline(
  ctx: CommandContext,
  gateway: ClientGateway,
  leadId: string,
): Promise<TimelineLine[]> {
  const params = { client_id: gateway.clientId, lead_id: leadId };
  const entries = bodyOf(await gateway.of(leadContract).call('leadTimeline', { params }));
  return entries.map(({ at, kind, detail }) => ({
    at: new Date(at),
    kind: visible(kind),
    detail: visible(detailText(ctx.flags.reveal ? detail : maskDetail(detail))),
  }));
}
