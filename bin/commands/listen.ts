import { LEAD_EVENTS } from '../../daemons/lead/contract.ts';
import * as z from 'zod';
import { isSigningSecret, newSigningSecret } from '../../lib/providers/webhook/signature.ts';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError } from '../cli/failure.ts';
import { readSecret } from '../cli/secret.ts';
import { forwardEvent, type Forwarded } from '../client/forward.ts';
import { followLeads } from '../client/lead-events.ts';
import { connectToClient } from '../client/scope.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { write } from '../io.ts';
import { maskLead } from './lead/view.ts';

const input = z.object({
  forwardTo: z.url({
    protocol: /^https?$/,
    error: 'must be given: where your program listens, e.g. http://localhost:3000/hook',
  }),
  event: z.array(z.enum(LEAD_EVENTS)).default([]),
  secretFile: z.string().optional(),
  sinceEvent: z.string().min(1).optional(),
  limit: z.coerce.number().int().positive().optional(),
});
type Input = z.output<typeof input>;

/** `leadctl listen`: a client's events, posted to a program under development as web hooks are. */
export const defineListen: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Post leads as they happen to a program on this machine, signed as web hooks are',
    options: [
      { flags: '--forward-to <url>', help: 'where your program takes them' },
      {
        flags: '--event <event>',
        help: 'only these; may be repeated',
        choices: LEAD_EVENTS,
        repeat: true,
      },
      { flags: '--secret-file <file>', help: 'sign with this secret (whsec_…; else a new one)' },
      { flags: '--since-event <id>', help: 'begin after this event' },
      { flags: '--limit <n>', help: 'end after this many' },
    ],
    input,
    examples: [
      'leadctl listen --client acme --forward-to http://localhost:3000/hook',
      'leadctl listen --forward-to http://localhost:3000 --event lead.created --reveal',
    ],
    run: listen,
  });
};

async function listen(ctx: CommandContext, given: Input): Promise<ExitCode> {
  const gateway = await connectToClient(ctx);
  const secret = await signingSecret(ctx, given.secretFile);
  const signal = ctx.interruption();
  await ctx.note(`Forwarding ${gateway.clientId} to ${given.forwardTo}`);
  if (given.secretFile === undefined) await ctx.note(`Signed with ${secret}`);
  if (!ctx.flags.reveal) await ctx.note('Personal data is masked; --reveal sends it as it is');
  let sent = 0;
  const events = followLeads(gateway, {
    signal,
    since: given.sinceEvent,
    filter: {},
    onState: (state) => {
      if (state.kind !== 'waiting') return;
      const seconds = Math.ceil(state.retryInMs / 1_000);
      void ctx.note(`${ctx.now().toISOString()} ${state.why}; trying again in ${seconds} s`);
    },
  });
  for await (const event of events) {
    const { id, event: type, at, lead, detail } = event;
    if (given.event.length > 0 && !given.event.some((one) => one === type)) continue;
    const shown = ctx.flags.reveal ? lead : maskLead(lead);
    const result = await forwardEvent({
      url: given.forwardTo,
      secret,
      id,
      body: { type, timestamp: at, data: { lead: shown, detail } },
      now: ctx.now,
      signal,
    });
    await show(ctx, result, { id, type, lead_id: lead.id });
    sent += 1;
    if (sent >= (given.limit ?? Infinity)) return exitCodes.ok;
  }
  return exitCodes.interrupted;
}

async function signingSecret(ctx: CommandContext, file: string | undefined): Promise<string> {
  if (file === undefined) return newSigningSecret();
  const secret = await readSecret(ctx.io, { file }, 'secret');
  if (isSigningSecret(secret)) return secret;
  throw new CliError(`${file} holds no signing secret`, {
    code: 'secret_unreadable',
    next: 'it looks like whsec_ and base64; leave the option out for a new one',
  });
}

async function show(
  ctx: CommandContext,
  result: Forwarded,
  event: { readonly id: string; readonly type: string; readonly lead_id: string },
): Promise<void> {
  if (ctx.flags.output === 'json') {
    await ctx.jsonLine({ ...event, ...result });
    return;
  }
  const outcome = result.status === null ? `no answer: ${result.why}` : `${result.status}`;
  const line = `${ctx.now().toISOString()}  ${event.type}  ${event.lead_id}  → ${outcome} (${result.took_ms} ms)`;
  await write(ctx.io.stdout, `${line}\n`);
}
