import { cleanup, render } from 'ink-testing-library';
import type { ReactElement } from 'react';

export interface ShownView {
  /** What stands on the screen, without colours. */
  frame(): string;
  press(keys: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Waits until the screen shows the text; fails with the frame when it does not within 2 s. */
  until(text: string): Promise<void>;
  close(): void;
}

export const keys = { up: '\u001b[A', down: '\u001b[B', enter: '\r', escape: '\u001b' } as const;

const WAIT_MS = 2_000;
const POLL_MS = 10;

/** Draws a view on an imagined terminal of 80×24 until it is told another size. */
export async function showView(view: ReactElement): Promise<ShownView> {
  const { stdin, stdout, lastFrame } = render(view);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const shown: ShownView = {
    frame: () => lastFrame() ?? '',
    async press(text) {
      stdin.write(text);
      // A lone Escape is told from a longer sequence by what does not follow it.
      await pause(text === keys.escape ? 100 : 2 * POLL_MS);
    },
    async resize(columns, rows) {
      Object.defineProperty(stdout, 'columns', { value: columns, configurable: true });
      Object.defineProperty(stdout, 'rows', { value: rows, configurable: true });
      stdout.emit('resize');
      await pause(POLL_MS);
    },
    async until(text) {
      for (let waited = 0; waited < WAIT_MS; waited += POLL_MS) {
        if (shown.frame().includes(text)) return;
        await pause(POLL_MS);
      }
      throw new Error(`The screen never showed '${text}':\n${shown.frame()}`);
    },
    close: cleanup,
  };
  await shown.resize(80, 24);
  return shown;
}
