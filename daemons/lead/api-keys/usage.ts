import type { Pool } from 'pg';

export interface UsageRecorder {
  /** The key was just used; costs nothing now. */
  record(keyId: string): void;
  stop(): Promise<void>;
}

const FLUSH_MS = 60_000;
const MARK_USED = 'UPDATE client_api_keys SET last_used_at = now() WHERE id = ANY ($1::uuid[])';

/** Writes `last_used_at` at most once a minute a key: never a row update in a lead's way. */
export function createUsageRecorder(deps: {
  pool: Pool;
  onError: (error: unknown) => void;
}): UsageRecorder {
  const used = new Set<string>();
  const flush = async (): Promise<void> => {
    const ids = [...used];
    used.clear();
    if (ids.length === 0) return;
    try {
      await deps.pool.query(MARK_USED, [ids]);
    } catch (error) {
      deps.onError(error);
    }
  };
  const timer = setInterval(() => void flush(), FLUSH_MS);
  return {
    record(keyId) {
      used.add(keyId);
    },
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
