import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Io, write } from '../io.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './failure.ts';

const EVERY_MS = 2_000;
const CLEAR = '\u001b[H\u001b[2J\u001b[3J';

/** Runs a command that only reads again and again, each time on an empty screen; Ctrl-C ends it. */
export async function watch(
  ctx: CommandContext,
  contextOn: (io: Io) => CommandContext,
  run: (ctx: CommandContext) => Promise<unknown>,
): Promise<ExitCode> {
  if (!ctx.io.stdoutIsTty) {
    throw usageError('--watch draws on a terminal, and there is none', 'leave it out in a pipe');
  }
  const signal = ctx.interruption();
  while (!signal.aborted) {
    const shown = collect(ctx.io);
    await run(contextOn(shown.io));
    const head = `${ctx.now().toTimeString().slice(0, 8)}, every ${EVERY_MS / 1_000} s; Ctrl-C ends it`;
    // In one piece, so that nothing flickers.
    await write(ctx.io.stdout, `${CLEAR}${head}\n\n${shown.text()}`);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return exitCodes.interrupted;
}

/** The same terminal, but what is written waits. */
function collect(io: Io): { readonly io: Io; readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString('utf8');
      done();
    },
  });
  const { columns } = io;
  return {
    io: { ...io, columns, stdout: stream, stderr: stream, stdinIsTty: false, terminal: undefined },
    text: () => text,
  };
}
