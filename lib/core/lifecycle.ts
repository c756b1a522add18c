/** What a composition root starts and, in reverse order, stops. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Runs every stop, newest first, even when one fails; rejects at the end with all that went wrong.
 */
export async function stopAll(parts: readonly Stoppable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.stop();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some parts did not stop cleanly');
}
