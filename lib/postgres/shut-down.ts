import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * In this order: fast shutdown (roll back, checkpoint, end), immediate shutdown, kill. What is
 * committed survives each; the next start after the latter two replays the log. The sum stays under
 * the 10 s that a whole stop may take.
 */
const STEPS = [
  { signal: 'SIGINT', waitMs: 5_000 },
  { signal: 'SIGQUIT', waitMs: 2_000 },
  { signal: 'SIGKILL', waitMs: 1_000 },
] as const;

/** Stops a postmaster of ours. Throws when it survives everything, which it cannot but in theory. */
export async function shutDown(server: { pid: number; exited: Promise<unknown> }): Promise<void> {
  for (const step of STEPS) {
    // Once reaped, its pid may be another's: look before signalling.
    if (await endedWithin(server.exited, 0)) return;
    if (!sendSignal(server.pid, step.signal)) return;
    if (await endedWithin(server.exited, step.waitMs)) return;
  }
  throw new Error(`PostgreSQL (process ${server.pid}) did not end, not even when killed.`);
}

/** Resolves when `isGone` says so: for a process that is not our child, whose exit we never hear. */
export async function pollUntil(isGone: () => Promise<boolean>): Promise<void> {
  const limitMs = STEPS.reduce((sum, step) => sum + step.waitMs, 1_000);
  const deadlineMs = Date.now() + limitMs;
  while (!(await isGone()) && Date.now() < deadlineMs) await sleep(POLL_MS);
}

async function endedWithin(exited: Promise<unknown>, waitMs: number): Promise<boolean> {
  const cancel = new AbortController();
  const timeout = sleep(waitMs, false, { signal: cancel.signal }).catch(() => false);
  const ended = await Promise.race([exited.then(() => true), timeout]);
  cancel.abort();
  return ended;
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
