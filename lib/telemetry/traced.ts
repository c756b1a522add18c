import type { SpanStart, Tracing } from './tracing.ts';

/**
 * Runs `work` as a part of the trace that `parent` names, and gives it what its own parts name as theirs.
 * Without a parent nothing is traced: what nobody asked for begins no trace of its own.
 */
export async function traced<T>(
  tracing: Tracing | undefined,
  name: string,
  start: SpanStart,
  work: (traceparent: string | undefined) => Promise<T>,
): Promise<T> {
  const span = start.parent === undefined ? undefined : tracing?.start(name, start);
  try {
    const result = await work(span?.traceparent ?? start.parent);
    span?.end();
    return result;
  } catch (error) {
    span?.end({ error: 'failed' });
    throw error;
  }
}
