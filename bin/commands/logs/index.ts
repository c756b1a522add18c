import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { SERVICES } from '../../../lib/contract/route.ts';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { CliError } from '../../cli/failure.ts';
import { moment } from '../../cli/specs.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { write } from '../../io.ts';
import { createStyle, mayColour, type Style } from '../../ui/style.ts';
import { visible } from '../../ui/text.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const POLL_MS = 300;

const entry = z.looseObject({
  level: z.string(),
  time: z.string(),
  service: z.string().optional(),
  message: z.string().optional(),
  request_id: z.string().optional(),
});
type Entry = z.output<typeof entry>;

const input = z.object({
  dataDir: z.string().min(1).default('.leadctl'),
  service: z.enum(SERVICES).optional(),
  level: z.enum(LEVELS).default('trace'),
  request: z.string().optional(),
  since: z
    .string()
    .transform(moment(() => new Date()))
    .optional(),
  limit: z.coerce.number().int().positive().default(100),
  follow: z.boolean().default(false),
});
type Input = z.output<typeof input>;

/** `leadctl logs`: what a platform that `up` runs on this machine wrote down. */
export const defineLogs: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Show the log of the platform that `leadctl up` runs on this machine',
    options: [
      { flags: '--data-dir <dir>', help: 'as `up` was given it (.leadctl)' },
      { flags: '--service <service>', help: 'only of this one', choices: SERVICES },
      { flags: '--level <level>', help: 'this and worse', choices: LEVELS },
      { flags: '--request <id>', help: 'only of the request with this id' },
      { flags: '--since <time>', help: 'from then on: 2026-03-01, 10m, 24h' },
      { flags: '--limit <n>', help: 'the last so many (100)' },
      { flags: '--follow', help: 'go on with what comes, until Ctrl-C' },
    ],
    input,
    examples: [
      'leadctl logs --level warn --since 1h',
      'leadctl logs --follow --service worker',
      'leadctl logs --request 01a20e95-5623-7abc-9def-0123456789ab -o json',
    ],
    run: showLogs,
  });
};

async function showLogs(ctx: CommandContext, given: Input): Promise<ExitCode> {
  const path = join(given.dataDir, 'log', 'leadctl.log');
  let offset = await sizeOf(path);
  const last: string[] = [];
  for await (const line of linesOf(path, 0, offset)) {
    if (!isWanted(line, given)) continue;
    last.push(line);
    if (last.length > given.limit) last.shift();
  }
  for (const line of last) await show(ctx, line);
  const signal = ctx.interruption();
  while (given.follow && !signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    const size = await sizeOf(path);
    // A new start may have begun the file anew.
    if (size < offset) offset = 0;
    if (size === offset) continue;
    for await (const line of linesOf(path, offset, size)) {
      if (isWanted(line, given)) await show(ctx, line);
    }
    offset = size;
  }
  return given.follow ? exitCodes.interrupted : exitCodes.ok;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    throw new CliError(`There is no log at ${path}`, {
      exitCode: exitCodes.notFound,
      code: 'log_not_found',
      next: 'name the directory that `leadctl up` was given with --data-dir; containers log to docker',
    });
  }
}

function linesOf(path: string, start: number, end: number): AsyncIterable<string> {
  if (end <= start) return (async function* none() {})();
  const input = createReadStream(path, { encoding: 'utf8', start, end: end - 1 });
  return createInterface({ input, crlfDelay: Infinity });
}

function parse(line: string): Entry | undefined {
  try {
    return entry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function isWanted(line: string, { service, level, request, since }: Input): boolean {
  if (line.trim() === '') return false;
  const found = parse(line);
  if (found === undefined) return request === undefined && service === undefined;
  const rank = LEVELS.findIndex((one) => one === found.level);
  return (
    rank >= LEVELS.indexOf(level) &&
    (service === undefined || found.service === service) &&
    (request === undefined || found.request_id === request) &&
    (since === undefined || found.time >= since)
  );
}

async function show(ctx: CommandContext, line: string): Promise<void> {
  const found = parse(line);
  if (found === undefined || ctx.flags.output === 'json') {
    await write(ctx.io.stdout, `${visible(line)}\n`);
    return;
  }
  const style = createStyle(mayColour(ctx.io.stdoutIsTty, ctx.io.env, !ctx.flags.color));
  await write(ctx.io.stdout, `${entryText(found, style)}\n`);
}

const SAID = new Set(['level', 'time', 'service', 'message', 'version']);

function entryText(found: Entry, style: Style): string {
  const { level, time, service = '-', message = '' } = found;
  const rest = Object.entries(found)
    .filter(([name]) => !SAID.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const paint = level === 'error' || level === 'fatal' ? style.red : style.yellow;
  const shown = level === 'info' ? level : paint(level);
  return [time, shown, service, visible(message), style.dim(visible(rest.join(' ')))]
    .join('  ')
    .trimEnd();
}
