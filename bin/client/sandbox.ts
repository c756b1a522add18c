import { sandboxContract } from '../../sandbox/contract.ts';
import { type Client, createClient } from '../../lib/contract/client.ts';
import type { OptionSpec } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError } from '../cli/failure.ts';
import { gatewayUrl } from '../config/settings.ts';
import { PORT_OFFSETS } from '../host/ports.ts';

export interface Sandbox extends Client<typeof sandboxContract> {
  readonly url: string;
}

export const sandboxOption: OptionSpec = {
  flags: '--sandbox-url <url>',
  help: 'of the sandbox (LEADCTL_SANDBOX_URL); else where `leadctl up` puts it',
};

const TIMEOUT_MS = 30_000;

/** Where the sandbox is, whether or not it answers. */
export async function sandboxUrl(ctx: CommandContext, given: string | undefined): Promise<string> {
  const named = given ?? ctx.io.env['LEADCTL_SANDBOX_URL'];
  return named ? gatewayUrl(named) : besideGateway((await ctx.settings()).url);
}

/** The provider sandbox's control routes; they need no login. Calls reject with a `CliError` when it is not there. */
export async function connectToSandbox(
  ctx: CommandContext,
  given: string | undefined,
): Promise<Sandbox> {
  const url = await sandboxUrl(ctx, given);
  const interruption = ctx.interruption();
  const client = createClient(sandboxContract, async ({ method, path, headers, body }) => {
    const signal = AbortSignal.any([interruption, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      return await fetch(`${url}${path}`, { method, headers, signal, ...(body ? { body } : {}) });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new CliError(`Cannot reach the sandbox at ${url}`, {
        code: 'sandbox_unreachable',
        why: String(error),
        next: 'start one with `leadctl up --sandbox`, or set LEADCTL_SANDBOX_URL',
      });
    }
  });
  return { ...client, url };
}

/** Where `leadctl up` puts it. */
function besideGateway(url: string): string {
  const sandbox = new URL(url);
  const port = Number(sandbox.port || (sandbox.protocol === 'https:' ? 443 : 80));
  sandbox.port = String(port + PORT_OFFSETS.sandbox);
  return sandbox.origin;
}
