import type { CommandContext } from '../cli/context.ts';
import type { Gateway } from '../client/gateway.ts';
import { followLeads } from '../client/lead-events.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../io.ts';
import { describeFailure } from '../ui/failure.ts';
import { mayColour } from '../ui/style.ts';
import { visible } from '../ui/text.ts';
import { runView } from '../ui/views/run-view.ts';
import { createTheme } from '../ui/views/theme.ts';
import { allResources } from './resources/index.ts';
import { rightsIn } from './rights.ts';
import { Console } from './views/Console.tsx';
import type { ConsoleSource } from './views/use-console-data.ts';

/** Draws the console until the person leaves it. */
export async function runConsole(
  ctx: CommandContext,
  terminal: Terminal,
  gateway: Gateway,
): Promise<ExitCode> {
  const interruption = ctx.interruption();
  const source = sourceOf(gateway, ctx.now, interruption);
  await runView(
    terminal,
    <Console
      source={source}
      resources={allResources()}
      client={gateway.settings.client}
      reveal={ctx.flags.reveal}
      theme={createTheme(mayColour(true, ctx.io.env, !ctx.flags.color))}
      copy={(text) => terminal.stdout.write(clipboard(text))}
    />,
    interruption,
  );
  return interruption.aborted ? exitCodes.interrupted : exitCodes.ok;
}

/** The platform as the console reads it, until `interruption`. */
export function sourceOf(
  gateway: Gateway,
  now: () => Date,
  interruption: AbortSignal,
): ConsoleSource {
  return {
    gateway,
    now,
    rightsIn: (client) => rightsIn(gateway, client),
    describe: (error) => visible(describeFailure(error, gateway.settings.url).message),
    follow: async (clientId, on, signal) => {
      const onState = ({ kind }: { readonly kind: string }): void =>
        on.state(kind === 'live' ? 'live' : kind === 'waiting' ? 'lost' : 'connecting');
      const events = followLeads(
        { ...gateway, clientId },
        { signal: AbortSignal.any([signal, interruption]), filter: {}, onState },
      );
      for await (const _event of events) on.event();
    },
  };
}

/** OSC 52: the terminal puts it on the clipboard of the person in front of it, over ssh too. */
function clipboard(text: string): string {
  return `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
}
