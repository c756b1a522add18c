import type { z } from 'zod';

/**
 * A kind of background job, as data. A job is only a wake-up: it carries ids, and may run twice or
 * never without harm, because what is owed and who works on it stand in our own tables.
 */
export interface JobKind<D extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly data: D;
  /** When the handler's signal aborts; it has to end soon after. */
  readonly timeoutMs: number;
  /** Handlers of this kind at a time in one process. */
  readonly concurrency: number;
}

export function defineJob<const D extends z.ZodType>(kind: JobKind<D>): JobKind<D> {
  return kind;
}

export type JobHandler<D extends z.ZodType> = (
  data: z.output<D>,
  signal: AbortSignal,
) => Promise<void>;

/** What tells one wake-up from another; a store may hand the data back with its keys in another order. */
export function jobKey(kind: JobKind, data: unknown): string {
  const entries = Object.entries(data ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${kind.name} ${JSON.stringify(entries)}`;
}
