import type { Readable, Writable } from 'node:stream';
import { isatty } from 'node:tty';

/** Real terminal streams, present only when both ends are a terminal: what an Ink view draws on. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** Everything a command may touch of the process, so that it runs in a test as it does in a shell. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Width of the terminal in cells, 80 where there is none. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal | undefined;
}

const DEFAULT_COLUMNS = 80;

/** The process's own streams and environment. */
export function processIo(process: NodeJS.Process): Io {
  const { stdin, stdout, stderr, env } = process;
  const stdinIsTty = isatty(0);
  const stdoutIsTty = isatty(1);
  return {
    stdin,
    stdout,
    stderr,
    stdinIsTty,
    stdoutIsTty,
    stderrIsTty: isatty(2),
    get columns() {
      return stdout.columns ?? stderr.columns ?? DEFAULT_COLUMNS;
    },
    env,
    terminal: stdinIsTty && stdoutIsTty && env['TERM'] !== 'dumb' ? { stdin, stdout } : undefined,
  };
}

/** Writes and waits until the reader has taken it, so that a slow pipe bounds our memory. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (text === '') return;
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
