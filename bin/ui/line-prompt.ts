import type { Readable } from 'node:stream';
import { interrupted } from '../cli/failure.ts';
import type { Io } from '../io.ts';
import { visible } from './text.ts';

const MOST_CHARACTERS = 4_096;
const ENTER = /[\r\n]/;
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE: ReadonlySet<string> = new Set(['\b', '\u007f']);
const ERASE_ALL = '\u0015';
const RUB_OUT = '\b \b';

/**
 * One line from the terminal, none of which is shown; undefined at Ctrl-D. Throws a `CliError` at
 * Ctrl-C. Callers see to it that there is a terminal. What was typed beyond the line goes back to
 * the stream, for the next question.
 */
export function askHidden(io: Io, question: string): Promise<string | undefined> {
  return readTyped(io, question, () => undefined);
}

/** The same, and what is typed is shown. */
export function askLine(io: Io, question: string): Promise<string | undefined> {
  return readTyped(io, question, (text) => io.stderr.write(text));
}

async function readTyped(
  io: Io,
  question: string,
  echo: (text: string) => void,
): Promise<string | undefined> {
  const { stdin } = io;
  io.stderr.write(`${visible(question)} `);
  const restore = startRaw(stdin);
  try {
    return await readLine(stdin, echo);
  } finally {
    restore();
    io.stderr.write('\n');
  }
}

async function readLine(
  stdin: Readable,
  echo: (text: string) => void,
): Promise<string | undefined> {
  let typed: string[] = [];
  for (;;) {
    const chunk = await nextChunk(stdin);
    if (chunk === undefined) return undefined;
    const keys = Array.from(chunk);
    for (const [index, key] of keys.entries()) {
      if (ENTER.test(key)) {
        const rest = keys.slice(index + 1).join('');
        if (rest !== '') stdin.unshift(Buffer.from(rest));
        return typed.join('');
      }
      if (key === INTERRUPT) throw interrupted();
      if (key === END) return undefined;
      if (ERASE.has(key)) {
        if (typed.pop() !== undefined) echo(RUB_OUT);
      } else if (key === ERASE_ALL) {
        echo(RUB_OUT.repeat(typed.length));
        typed = [];
      } else if (typed.length < MOST_CHARACTERS) {
        typed.push(key);
        echo(visible(key));
      }
    }
  }
}

/** Undefined when the terminal is gone. */
function nextChunk(stdin: Readable): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      stdin.off('data', onData).off('end', onEnd).off('error', onError);
      stdin.pause();
      settle();
    };
    const onData = (chunk: Buffer | string) => finish(() => resolve(String(chunk)));
    const onEnd = () => finish(() => resolve(undefined));
    const onError = (error: Error) => finish(() => reject(error));
    stdin.on('data', onData).on('end', onEnd).on('error', onError);
    stdin.resume();
  });
}

/** The terminal neither shows what is typed nor acts on it; returns how to undo that. */
function startRaw(stdin: Readable): () => void {
  if (!('setRawMode' in stdin) || typeof stdin.setRawMode !== 'function') return () => undefined;
  const setRawMode: (isRaw: boolean) => unknown = stdin.setRawMode.bind(stdin);
  setRawMode(true);
  return () => void setRawMode(false);
}
