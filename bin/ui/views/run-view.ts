import { render } from 'ink';
import process from 'node:process';
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
    // Over a slow line what did not change is not sent again, and nothing more often than an eye follows.
    maxFps: 10,
    incrementalRendering: true,
  });
  const leave = (): void => instance.unmount();
  signal.addEventListener('abort', leave, { once: true });
  // The launcher was killed outright: this process ends at once, and must not leave its screen behind.
  process.once('orphaned', leave);
  try {
    if (signal.aborted) leave();
    await instance.waitUntilExit();
  } finally {
    signal.removeEventListener('abort', leave);
    process.off('orphaned', leave);
  }
}
