import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createElement } from 'react';
import { createCommandContext } from '../bin/cli/context.ts';
import { readGlobalFlags } from '../bin/cli/flags.ts';
import { createProgram } from '../bin/cli/program.ts';
import { connect } from '../bin/client/gateway.ts';
import { createConfigStore } from '../bin/config/store.ts';
import { allResources } from '../bin/console/resources/index.ts';
import { sourceOf } from '../bin/console/run.tsx';
import { Console } from '../bin/console/views/Console.tsx';
import { showView } from '../bin/testing/render-view.ts';
import { createTestIo } from '../bin/testing/test-io.ts';
import { createTheme } from '../bin/ui/views/theme.ts';

/** A console somebody sits in front of, on a real terminal or an imagined one. */
export interface Screen {
  readonly kind: 'tmux' | 'renderer';
  frame(): string;
  /** Keys as a terminal sends them: text, `\r`, escape sequences. */
  press(keys: string): Promise<void>;
  close(): Promise<void>;
}

interface Of {
  readonly env: Readonly<Record<string, string>>;
  readonly configDir: string;
}

export function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

const LEADCTL = new URL('../bin/leadctl', import.meta.url).pathname;
const COLUMNS = 80;
const ROWS = 24;

/** `leadctl` alone in a terminal of 80×24, by tmux. */
export function tmuxScreen({ env, configDir }: Of): Screen {
  const socket = `leadctl-test-${process.pid}`;
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const settings = Object.entries({ ...env, XDG_CONFIG_HOME: configDir }).flatMap(
    ([name, value]) => ['-e', `${name}=${value}`],
  );
  tmux('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), ...settings, LEADCTL);
  return {
    kind: 'tmux',
    frame: () => tmux('capture-pane', '-p'),
    press: async (keys) => {
      tmux('send-keys', '-l', '--', keys);
      await sleep(30);
    },
    close: async () => {
      spawnSync('tmux', ['-L', socket, 'kill-server']);
    },
  };
}

/** The same console, drawn where no terminal is. */
export async function renderedScreen({ env, configDir }: Of): Promise<Screen> {
  const over = new AbortController();
  const deps = {
    io: createTestIo({ env }),
    now: () => new Date(),
    version: 'test',
    store: createConfigStore(configDir),
    interruption: () => over.signal,
  };
  const flags = readGlobalFlags(createProgram(deps).command);
  const gateway = await connect(createCommandContext(deps, flags));
  const view = await showView(
    createElement(Console, {
      source: sourceOf(gateway, deps.now, over.signal),
      resources: allResources(),
      client: undefined,
      reveal: false,
      theme: createTheme(false),
      copy: () => undefined,
    }),
  );
  return {
    kind: 'renderer',
    frame: view.frame,
    press: view.press,
    close: async () => {
      over.abort();
      view.close();
    },
  };
}

const WAIT_MS = 20_000;
const AGAIN_MS = 700;

/** Waits until the screen shows it; with `press` that key is pressed again and again meanwhile. */
export async function until(
  screen: Screen,
  text: string | RegExp,
  { press }: { readonly press?: string } = {},
): Promise<string> {
  const isThere = (frame: string): boolean =>
    typeof text === 'string' ? frame.includes(text) : text.test(frame);
  const end = performance.now() + WAIT_MS;
  let next = performance.now();
  while (performance.now() < end) {
    const frame = screen.frame();
    if (isThere(frame)) return frame;
    if (press !== undefined && performance.now() > next) {
      await screen.press(press);
      next = performance.now() + AGAIN_MS;
    }
    await sleep(30);
  }
  throw new Error(`The screen never showed ${String(text)}:\n${screen.frame()}`);
}
