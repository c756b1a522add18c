import { render } from 'ink';
import type { ReactElement } from 'react';
import type { Terminal } from '../../io.ts';

/**
 * Draws a view on a screen of its own until it exits or `signal` ends it; the terminal is then as it was.
 * Ctrl-C is the view's to handle: in raw mode it is a key like any other.
 */
export async function runView(
  { stdin, stdout }: Terminal,
  view: ReactElement,
  signal: AbortSignal,
): Promise<void> {
  const instance = render(view, {
    stdin,
    stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    alternateScreen: true,
  });
  const leave = (): void => instance.unmount();
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (signal.aborted) leave();
    await instance.waitUntilExit();
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
