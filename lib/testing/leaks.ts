/** What one test file can leave behind in a process that goes on to the next. */
export interface Holdings {
  /** By kind, as Node names them; only kinds that a well-ended file leaves none of. */
  readonly handles: ReadonlyMap<string, number>;
  /** Databases that were made and not dropped, by name. */
  readonly databases: ReadonlySet<string>;
}

/**
 * Servers that listen, children, watched files, workers. Sockets and timers are left out: `fetch`
 * keeps connections open by design, and a time-out that was not needed runs out by itself.
 */
const COUNTED = new Set([
  'TCPServerWrap',
  'PipeServerWrap',
  'ProcessWrap',
  'FSEventWrap',
  'MessagePort',
]);

/** What the process holds now. `resources` as `process.getActiveResourcesInfo()` lists them. */
export function holdings(resources: readonly string[], databases: Iterable<string>): Holdings {
  const handles = new Map<string, number>();
  for (const kind of resources) {
    if (COUNTED.has(kind)) handles.set(kind, (handles.get(kind) ?? 0) + 1);
  }
  return { handles, databases: new Set(databases) };
}

/** What `after` holds that `before` did not, a line each; empty: nothing was left behind. */
export function leftBehind(before: Holdings, after: Holdings): string[] {
  const lines: string[] = [];
  for (const [kind, count] of after.handles) {
    const more = count - (before.handles.get(kind) ?? 0);
    if (more > 0) lines.push(`${more} ${kind} still open`);
  }
  for (const name of after.databases) {
    if (!before.databases.has(name)) lines.push(`the database ${name} was not dropped`);
  }
  return lines;
}
