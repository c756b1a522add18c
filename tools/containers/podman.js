// Podman in the network namespace that deploy/test-containers.sh made.
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const prefix = (process.argv[2] ?? '').split(' ').filter((part) => part !== '');
const startedAt = Date.now();

/** Runs podman and gives what it printed; `input` goes to its standard input. */
export function podman(args, { input = '' } = {}) {
  const [command, ...rest] = [...prefix, 'podman', ...args];
  return execFileSync(command, rest, {
    encoding: 'utf8',
    // Podman leaves a file where it stands when a container runs out of memory.
    cwd: process.argv[3],
    input,
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  }).trim();
}

export const exec = (container, ...command) => podman(['exec', `leadctl-${container}`, ...command]);

/** Runs a script in that container's Node, which prints JSON as its last line. */
export const evaluate = (container, script, input) =>
  JSON.parse(
    podman(['exec', '-i', `leadctl-${container}`, 'node', '--input-type=module', '-e', script], {
      input: JSON.stringify(input ?? null),
    })
      .split('\n')
      .at(-1),
  );

export const exitCodeOf = (container) =>
  podman(['inspect', '--format', '{{.State.ExitCode}}', `leadctl-${container}`]);

/** Stops it as Compose would with this `stop_grace_period`; gives how long that took and with what it exited. */
export function stop(container, grace) {
  const fromMs = Date.now();
  podman(['stop', '-t', String(Number.parseInt(grace, 10)), `leadctl-${container}`]);
  return { seconds: (Date.now() - fromMs) / 1000, code: exitCodeOf(container) };
}

export async function until(what, look, withinMs = 90_000) {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(500);
  }
}

/** A line of the story, with the seconds since its beginning. */
export function say(text) {
  const seconds = String(Math.round((Date.now() - startedAt) / 1000)).padStart(4);
  process.stdout.write(`${seconds} s  ${text}\n`);
}
