import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { withSettingFiles } from '../../lib/core/setting-files.ts';
import type { DefineCommand } from '../cli/command.ts';
import { defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError } from '../cli/failure.ts';
import { DEFAULT_PORT_BASE } from '../host/ports.ts';
import { write } from '../io.ts';
import type { Demo } from '../up/demo.ts';
import { startPlatform, type RunningPlatform } from '../up/up.ts';

const input = z.object({
  dataDir: z.string().min(1).default('.leadctl'),
  portBase: z.coerce.number().int().min(1).max(65_000).default(DEFAULT_PORT_BASE),
  sandbox: z.boolean().default(false),
  demo: z.boolean().default(false),
  separate: z.boolean().default(false),
});
type UpInput = z.output<typeof input>;

const STOP_TIMEOUT_MS = 9_500;

export const defineUp: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Start the platform on this machine',
    options: [
      {
        flags: '--data-dir <dir>',
        help: 'where its database, secrets and logs live (default: .leadctl)',
      },
      {
        flags: '--port-base <port>',
        help: 'the gateway’s port; the others count from it (default: 8000)',
      },
      { flags: '--sandbox', help: 'deliver to an emulation of WhatsApp, Google Sheets and Meta' },
      { flags: '--demo', help: 'provision the client acme, once, and say what to try' },
      { flags: '--separate', help: 'one process a service instead of one for all' },
    ],
    input,
    examples: [
      'leadctl up --sandbox --demo',
      'leadctl up --data-dir /var/lib/leads --port-base 9000',
      'leadctl up --separate -o json',
    ],
    run: up,
  });
};

async function up(ctx: CommandContext, options: UpInput): Promise<void> {
  const signal = ctx.interruption();
  const platform = await startPlatform({
    ...options,
    env: withSettingFiles(ctx.io.env),
    version: ctx.version,
    signal,
    onProgress: (text) => ctx.note(`${text} …`),
  });
  try {
    const demo = options.demo ? await makeDemo(platform) : undefined;
    const context = await rememberContext(ctx, platform, demo);
    await announce(ctx, platform, demo, context);
    await untilToldToStop(platform, signal);
  } finally {
    await ctx.note('Stopping …');
    await Promise.race([platform.stop(), giveUp()]);
    await ctx.note('Stopped; nothing that was acknowledged is lost.');
  }
}

const CONTEXT = 'local';

/**
 * So that the next command finds this gateway by itself. Undefined where somebody keeps another gateway
 * under that name, or says with LEADCTL_URL where theirs is.
 */
async function rememberContext(
  ctx: CommandContext,
  { gateway }: RunningPlatform,
  demo: Demo | undefined,
): Promise<string | undefined> {
  if (ctx.io.env['LEADCTL_URL'] || !ctx.io.stderrIsTty) return undefined;
  const config = await ctx.store.config.read();
  const before = config.contexts[CONTEXT];
  const isOthers = before !== undefined && !/^http:\/\/(127\.0\.0\.1|localhost)\b/.test(before.url);
  if (isOthers) return undefined;
  const client = before?.client ?? demo?.clientId;
  const context = { url: gateway, ...(client === undefined ? {} : { client }) };
  await ctx.store.config.update(({ current, contexts }) => ({
    current: current ?? CONTEXT,
    contexts: { ...contexts, [CONTEXT]: context },
  }));
  return CONTEXT;
}

async function makeDemo(platform: RunningPlatform): Promise<Demo | undefined> {
  const { ensureDemo } = await import('../up/demo.ts');
  return platform.admin && ensureDemo(platform, platform.admin);
}

async function untilToldToStop(platform: RunningPlatform, signal: AbortSignal): Promise<void> {
  const told = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const failure = await Promise.race([told, platform.failed]);
  if (failure !== undefined) {
    throw new CliError(failure, { code: 'part_failed', next: `look into ${platform.logPath}` });
  }
}

async function giveUp(): Promise<never> {
  await sleep(STOP_TIMEOUT_MS, undefined, { ref: false });
  throw new CliError('Not everything stopped in time', {
    next: 'what is still running ends with this process; the next start clears up',
  });
}

async function announce(
  ctx: CommandContext,
  platform: RunningPlatform,
  demo: Demo | undefined,
  context: string | undefined,
): Promise<void> {
  if (ctx.flags.output === 'json') {
    const { gateway, sandbox, services, processes } = platform;
    await ctx.jsonLine({
      event: 'ready',
      gateway,
      sandbox: sandbox ?? null,
      services,
      processes:
        processes.length > 0
          ? processes
          : services.map((service) => ({ service, pid: process.pid })),
      ...(demo ? { demo: { client_id: demo.clientId, api_key: demo.apiKey } } : {}),
    });
    return;
  }
  const lines = [
    `Ready. Gateway ${platform.gateway} (API: ${platform.gateway}/docs)`,
    ...(platform.sandbox ? [`Sandbox ${platform.sandbox} shows what was delivered`] : []),
    `Logs in ${platform.logPath}`,
    ...(context === undefined ? [] : [`The context "${context}" names it: --context ${context}`]),
    ...(demo ? ['', ...demo.whatToTry] : []),
    '',
    'Stop with Ctrl-C.',
    '',
  ];
  await write(ctx.io.stdout, lines.join('\n'));
}
