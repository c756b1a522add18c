import { z } from 'zod';
import type { retentionSettings } from '../../lib/core/config.ts';
import type { Stoppable } from '../../lib/core/lifecycle.ts';
import { pruneSecurityEvents } from '../../lib/audit/retention.ts';
import { createDatabase, type Database } from '../../lib/db/database.ts';
import { allClients, type Unit } from '../../lib/db/scope.ts';
import { defineJob } from '../../lib/jobs/job.ts';
import type { Jobs } from '../../lib/jobs/jobs.ts';
import type { Logger } from '../../lib/telemetry/log.ts';
import { prunePasswordLinks, pruneRefreshTokens, pruneSessions } from '../auth/jobs.ts';
import { pruneRecipientMessages } from '../integration/jobs.ts';
import {
  findExpiringKeys,
  pruneEvents,
  pruneIdempotencyKeys,
  pruneRefusals,
} from '../lead/jobs.ts';

export interface UpkeepDeps {
  readonly databaseUrl: string;
  readonly jobs: Jobs;
  readonly settings: z.output<typeof retentionSettings>;
  readonly log: Logger;
}

export interface Upkeep extends Stoppable {
  /** Has it done once a day. */
  start(): void;
}

const retention = defineJob({
  name: 'retention',
  data: z.object({}),
  timeoutMs: 600_000,
  concurrency: 1,
});
const keyExpiry = defineJob({
  name: 'keys.expiry',
  data: z.object({}),
  timeoutMs: 60_000,
  concurrency: 1,
});

const DAY_MS = 86_400_000;
const WARN_DAYS = 7;
/** Small enough that nobody waits long for a row's lock. */
const BATCH = 2_000;
const WHY = allClients('what no client needs any more is forgotten');

/** Forgets what has had its time, and warns of keys whose time is coming. */
export function createUpkeep({ databaseUrl, jobs, settings, log }: UpkeepDeps): Upkeep {
  const database = createDatabase({
    url: databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'leadctl-upkeep',
    poolMax: 1,
  });
  jobs.handle(retention, async (_data, signal) => {
    const forgotten = await forget(database, settings, signal);
    log.info({ forgotten }, 'forgot what had had its time');
  });
  jobs.handle(keyExpiry, () => warnOfExpiringKeys(database, log));
  return {
    start() {
      jobs.every(retention, DAY_MS, {});
      jobs.every(keyExpiry, DAY_MS, {});
    },
    stop: () => database.stop(),
  };
}

type Prune = (unit: Unit, limit: { readonly limit: number }) => Promise<number>;

/** How many of each kind are gone now; an abort ends it between two batches. */
export async function forget(
  database: Database,
  settings: z.output<typeof retentionSettings>,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const keepHours = settings.IDEMPOTENCY_KEEP_HOURS;
  const keepDays = settings.EVENTS_KEEP_DAYS;
  const prunes: Readonly<Record<string, Prune>> = {
    sessions: pruneSessions,
    refresh_tokens: pruneRefreshTokens,
    password_links: prunePasswordLinks,
    idempotency_keys: (unit, { limit }) => pruneIdempotencyKeys(unit, { keepHours, limit }),
    recipient_messages: pruneRecipientMessages,
    events: (unit, { limit }) => pruneEvents(unit, { keepDays, limit }),
    refusals: (unit, { limit }) =>
      pruneRefusals(unit, { keepDays: settings.REFUSALS_KEEP_DAYS, limit }),
    security_events: (unit, { limit }) =>
      pruneSecurityEvents(unit, { keepDays: settings.SECURITY_EVENTS_KEEP_DAYS, limit }),
  };
  const forgotten: Record<string, number> = {};
  for (const [kind, prune] of Object.entries(prunes)) {
    forgotten[kind] = await inBatches(database, prune, signal);
  }
  return forgotten;
}

async function inBatches(database: Database, prune: Prune, signal: AbortSignal): Promise<number> {
  for (let total = 0; ;) {
    if (signal.aborted) return total;
    const gone = await database.inTransaction(WHY, (unit) => prune(unit, { limit: BATCH }));
    total += gone;
    if (gone < BATCH) return total;
  }
}

async function warnOfExpiringKeys(database: Database, log: Logger): Promise<void> {
  const why = allClients('keys of every client that expire soon');
  const keys = await database.inTransaction(why, (unit) =>
    findExpiringKeys(unit, { withinDays: WARN_DAYS }),
  );
  for (const { id, client_id, name, key_prefix, expires_at } of keys) {
    log.warn(
      { client_id, key_id: id, key_prefix, expires_at: expires_at.toISOString() },
      `the API key "${name}" expires soon; rotate it: leadctl key rotate ${id} --client ${client_id}`,
    );
  }
}
