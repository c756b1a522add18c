import process from 'node:process';
import { runCli } from './cli/run.ts';
import { configDir, createConfigStore } from './config/store.ts';
import { exitCodes } from './exit-codes.ts';
import { processIo } from './io.ts';
import { watchInterruption } from './signals.ts';

/** Runs the command line of this process; called by the launcher. */
export async function main({ version }: { readonly version: string }): Promise<void> {
  const io = processIo(process);
  endQuietlyOnClosedPipe(process.stdout);
  endQuietlyOnClosedPipe(process.stderr);
  const interruption = watchInterruption(
    { on: (name, listener) => process.on(name, listener), exit: (code) => process.exit(code) },
    () => performance.now(),
  );
  const exitCode = await runCli(process.argv.slice(2), {
    io,
    now: () => new Date(),
    version,
    store: createConfigStore(configDir(io.env)),
    interruption: interruption.signal,
  });
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(exitCode);
}

/** `leadctl lead ls | head`: whoever reads has enough, which is no failure. */
function endQuietlyOnClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed);
  });
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
