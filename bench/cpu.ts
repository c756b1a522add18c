import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';

/** What the kernel counts in; 100 a second on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** User and system time that a process, its descendants, and those that ended have used, in µs. */
export function cpuOf(root: number): number {
  const children = new Map<number, number[]>();
  const ticks = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? fieldsOf(name) : undefined;
    if (stat === undefined) continue;
    const pid = Number(name);
    const parent = Number(stat[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    // utime, stime, and what children used that have ended: cutime, cstime.
    ticks.set(
      pid,
      stat.slice(11, 15).reduce((sum, part) => sum + Number(part), 0),
    );
  }
  return (sumOver(root, children, ticks) * 1e6) / TICKS_A_SECOND;
}

/** The fields of /proc/<pid>/stat from the state on; undefined for a process that ended meanwhile. */
function fieldsOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function sumOver(
  pid: number,
  children: ReadonlyMap<number, readonly number[]>,
  values: ReadonlyMap<number, number>,
): number {
  const below = children.get(pid) ?? [];
  return below.reduce((sum, child) => sum + sumOver(child, children, values), values.get(pid) ?? 0);
}

/** Resident memory of one process, in MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** The process of a server on this machine that all its others descend from. */
export async function postmasterOf(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return Number(fieldsOf(String(rows[0]?.pid))?.[1]);
  } finally {
    await client.end();
  }
}
