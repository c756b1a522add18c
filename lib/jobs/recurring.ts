import type { Agenda, AgendaBackend } from 'agenda';
import type { Pool } from 'pg';

export interface RecurringJob {
  readonly name: string;
  readonly intervalMs: number;
  readonly data: unknown;
}

/** Of one process at a time: two that make the same job at once would have it twice. */
const LOCK = 'leadctl-recurring-jobs';

/**
 * Makes those of the jobs that the store does not hold, or holds with another interval. What is there
 * stays as it is, so a start runs nothing early and an emptied store is filled again.
 */
export async function keepRecurring(
  jobs: readonly RecurringJob[],
  deps: { readonly agenda: Agenda; readonly backend: AgendaBackend; readonly pool: Pool },
): Promise<void> {
  const connection = await deps.pool.connect();
  try {
    await connection.query('BEGIN');
    await connection.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK]);
    const missing = await findMissing(jobs, deps.backend);
    if (missing.length > 0) await deps.backend.connect();
    for (const { name, intervalMs, data } of missing) {
      await deps.agenda.every(intervalMs, name, data);
    }
    await connection.query('COMMIT');
    connection.release();
  } catch (error) {
    // Closed, not handed back: the lock goes with it.
    connection.release(true);
    throw error;
  }
}

async function findMissing(
  wanted: readonly RecurringJob[],
  { repository }: AgendaBackend,
): Promise<readonly RecurringJob[]> {
  const names = wanted.map(({ name }) => name);
  const { jobs } = await repository.queryJobs({ names, limit: names.length * 10 });
  return wanted.filter(
    ({ name, intervalMs }) =>
      !jobs.some((job) => job.name === name && Number(job.repeatInterval) === intervalMs),
  );
}
