import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const PS_TIMEOUT_MS = 2_000;

/** A process and when it began, so that a reused pid is not taken for it. `start` is '' when unknown. */
export type ProcessIdentity = { pid: number; start: string };

/** Who runs under `pid` now; null when nobody does, or only a zombie that waits to be reaped. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  if (!answersToSignals(pid)) return null;
  if (process.platform !== 'linux') {
    const started = await ps(pid, 'lstart=');
    return { pid, start: started.replaceAll(/[^A-Za-z0-9]/g, '') };
  }
  const stat = await readIfThere(`/proc/${pid}/stat`);
  // A /proc mounted with hidepid shows strangers' processes to nobody: alive, start unknown.
  if (stat === null) return answersToSignals(pid) ? { pid, start: '' } : null;
  const { state, startTicks } = parseProcStat(stat);
  if (state === 'Z' || state === 'X') return null;
  const bootId = (await readIfThere('/proc/sys/kernel/random/boot_id')) ?? '';
  return { pid, start: `${bootId.slice(0, 8)}.${startTicks}` };
}

/** Whether that very process still runs. An unknown start counts as a match: better to wait than to steal. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const current = await identifyProcess(identity.pid);
  if (current === null) return false;
  return current.start === '' || identity.start === '' || current.start === identity.start;
}

/** The arguments that `pid` was started with, joined by spaces; '' when they cannot be read. */
export async function commandLineOf(pid: number): Promise<string> {
  const raw = await readIfThere(`/proc/${pid}/cmdline`);
  return raw === null ? ps(pid, 'args=') : raw.replaceAll('\0', ' ').trim();
}

/** proc_pid_stat(5): the name in parentheses may hold anything, so count from the last one. */
function parseProcStat(stat: string): { state: string; startTicks: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}

function answersToSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function ps(pid: number, format: string): Promise<string> {
  const result = await promisify(execFile)('ps', ['-o', format, '-p', String(pid)], {
    timeout: PS_TIMEOUT_MS,
  }).catch(() => null);
  return result?.stdout.trim() ?? '';
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
