import { PassThrough, Readable, Writable } from 'node:stream';
import type { Io } from '../io.ts';

export interface TestIoOptions {
  readonly stdin?: string;
  readonly tty?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface TestIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
}

/** Streams that remember what was written; `tty` makes a terminal of all three. */
export function createTestIo(options: TestIoOptions = {}): TestIo {
  const { stdin = '', tty = false, columns = 80, env = {} } = options;
  const stdout = memory();
  const stderr = memory();
  return {
    stdin: tty ? typed(stdin) : Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdinIsTty: tty,
    stdoutIsTty: tty,
    stderrIsTty: tty,
    columns,
    env,
    terminal: undefined,
    out: stdout.text,
    err: stderr.text,
  };
}

/** A keyboard does not end by itself. */
function typed(text: string): Readable {
  const keyboard = new PassThrough();
  keyboard.write(text);
  return keyboard;
}

function memory(): { stream: Writable; text: () => string } {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString('utf8');
      done();
    },
  });
  return { stream, text: () => text };
}
