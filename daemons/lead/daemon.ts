import { z } from 'zod';
import { databaseSettings, limitSettings, sharedLimitSettings } from '../../lib/core/config.ts';
import { createSecurityLog } from '../../lib/audit/security.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createPool } from '../../lib/db/pool.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { scopedRead } from '../../lib/db/scoped-read.ts';
import { isRowError } from '../../lib/db/errors.ts';
import { createMicroBatcher } from '../../lib/db/micro-batch.ts';
import { createAnnouncer } from '../../lib/events/announcer.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { openLimits } from '../../lib/limits/open.ts';
import { createKeyDirectory } from './api-keys/directory.ts';
import { createKeyLimiter } from './api-keys/limiter.ts';
import { createStrangers } from './api-keys/strangers.ts';
import { createKeyGate } from './api-keys/gate.ts';
import { createApiKeyService } from './api-keys/service.ts';
import { createUsageRecorder } from './api-keys/usage.ts';
import { leadContract } from './contract.ts';
import { ingestCors } from './ingest/cors.ts';
import { createDuplicateResolver } from './ingest/duplicates.ts';
import { observeIngest } from './ingest/observed.ts';
import { createIngestService } from './ingest/service.ts';
import { storeLeadsSafely } from './ingest/store.ts';
import { createKeyedReads } from './keyed-reads/service.ts';
import { createLeadReads } from './one-lead.ts';
import { productLookup } from './products.ts';
import { createRefusalRecorder } from './refusals/recorder.ts';
import { createRefusalService } from './refusals/service.ts';
import { leadRoutes } from './routes.ts';
import { createLeadService } from './service.ts';
import * as store from './store.ts';
import { createLeadStreams } from './stream/service.ts';
import type { LeadDraft } from './writing/draft.ts';

export const leadSettings = z.object({
  ...databaseSettings.shape,
  ...sharedLimitSettings.shape,
  INGEST_QUEUE_MAX: limitSettings.shape.INGEST_QUEUE_MAX,
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: limitSettings.shape.RATE_LIMIT_ANONYMOUS_PER_MINUTE,
});

/** Commits in flight at a time: as a rule one, which makes large batches; two where one is held up. */
const BATCHES_IN_FLIGHT = 2;
const BATCH_PATIENCE_MS = 20;
const LARGEST_BATCH = 250;
const STREAM_CONNECTIONS = 3;
/** A read of one lead is over at once: few connections serve many. */
const READ_CONNECTIONS = 4;

export function createLeadDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof leadSettings>,
): Daemon {
  const { log, clock, hub } = deps;
  const url = settings.DATABASE_URL;
  const database = createDatabase({
    url,
    role: 'leadctl_lead',
    applicationName: 'leadctl-lead',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  // Followers have connections of their own: however many they are, lists and forms do not wait.
  const streamDatabase = createDatabase({
    url,
    role: 'leadctl_lead',
    applicationName: 'leadctl-stream',
    poolMax: STREAM_CONNECTIONS,
  });
  // Writers and readers apart: a lookup never waits behind a commit.
  const ingestConnection = {
    url,
    role: 'leadctl_ingest',
    applicationName: 'leadctl-ingest',
  } as const;
  const writers = createPool({ ...ingestConnection, max: BATCHES_IN_FLIGHT }, log);
  const readers = createPool({ ...ingestConnection, max: 2 }, log);
  const oneLeadPool = createPool(
    { url, role: 'leadctl_lead', applicationName: 'leadctl-lead', max: READ_CONNECTIONS },
    log,
  );
  const reads = createLeadReads(scopedRead(oneLeadPool));
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'upkeep failed; it will be tried again');

  const batcher = createMicroBatcher({
    run: (leads: readonly LeadDraft[]) => storeLeadsSafely(writers, leads),
    maxInFlight: BATCHES_IN_FLIGHT,
    patienceMs: BATCH_PATIENCE_MS,
    maxBatch: LARGEST_BATCH,
    maxQueue: settings.INGEST_QUEUE_MAX,
    isRowError,
  });
  const announcer = createAnnouncer({ database, log });
  const limits = openLimits(
    {
      limitsUrl: settings.LIMITS_URL,
      databaseUrl: url,
      role: 'leadctl_ingest',
      applicationName: 'leadctl-lead-limits',
    },
    log,
  );
  const keys = createKeyDirectory({ pool: readers, hub, clock });
  const usage = createUsageRecorder({ pool: readers, onError });
  const products = productLookup(readers);
  // Of one connection: what is counted in the background waits for nobody, and nobody for it.
  const counting = createDatabase({ ...ingestConnection, poolMax: 1 });
  const background = { database: counting, metrics: deps.metrics, clock, onError };
  const security = createSecurityLog(background);
  const refusals = createRefusalRecorder({ ...background, security });
  const limiter = createKeyLimiter(limits, 'leads');
  const strangers = createStrangers(limits, settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE);
  const knowing = { keys, strangers, usage };
  const ingest = observeIngest(
    createIngestService({
      batcher,
      duplicates: createDuplicateResolver({ database }),
      announcer,
      clock,
      isProductEnabled: products.isEnabled,
    }),
    deps,
  );
  const leads = createLeadService({
    database,
    reads,
    announcer,
    clock,
    isProductEnabled: products.isEnabled,
    defaultCountryOf: store.defaultCountry,
  });
  const streams = createLeadStreams({ database: streamDatabase, hub, log });

  return {
    contract: leadContract,
    listener: createDaemonApp(deps, {
      contract: leadContract,
      handlers: leadRoutes({
        ingest,
        limiter,
        gate: createKeyGate({ ...knowing, scope: 'leads:ingest', limiter }),
        keyedReads: createKeyedReads({ database, reads }),
        readGate: createKeyGate({
          ...knowing,
          scope: 'leads:read',
          limiter: createKeyLimiter(limits, 'requests'),
        }),
        leads,
        apiKeys: createApiKeyService({ database, clock }),
        streams,
        refusals: createRefusalService({ database, clock }),
        onRefused: refusals.onRefused,
        onError: (error) => log.error({ err: error }, 'a lead of a batch was not stored'),
      }),
      checks: { database: database.check, notifications: hub.check },
      before: [ingestCors({ pool: readers, clock })],
    }),
    async stop() {
      await batcher.drain();
      keys.stop();
      await stopAll([
        database,
        { stop: () => readers.end() },
        { stop: () => oneLeadPool.end() },
        { stop: () => writers.end() },
        usage,
        announcer,
        streamDatabase,
        streams,
        limits,
        counting,
        security,
        refusals,
      ]);
    },
  };
}
