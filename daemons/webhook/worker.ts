import { z } from 'zod';
import type { Clock } from '../../lib/core/clock.ts';
import { isFailure } from '../../lib/core/errors.ts';
import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import { createDatabase } from '../../lib/db/database.ts';
import type { NotificationHub } from '../../lib/db/notifications.ts';
import { createAnnouncer } from '../../lib/events/announcer.ts';
import { defineJob } from '../../lib/jobs/job.ts';
import type { Jobs } from '../../lib/jobs/jobs.ts';
import { createRepeater, type Repeater } from '../../lib/jobs/repeater.ts';
import type { CreateLeadWriter } from '../lead/contract.ts';
import type { MetaClient } from '../../lib/providers/meta/client.ts';
import type { ApplyWhatsAppWord } from '../../lib/providers/meta/opt-out.ts';
import type { ApplyWhatsAppStatus } from '../../lib/providers/meta/message-status.ts';
import type { Keyring } from '../../lib/secrets/fernet.ts';
import type { Logger } from '../../lib/telemetry/log.ts';
import { createWebhookProcessor } from './processing/processor.ts';
import type { Lane } from './processing/table.ts';
import { createReconciler, type Reconciler } from './reconcile/reconciler.ts';
import { createRounds, type SourceKey } from './reconcile/rounds.ts';

export interface WebhookWorkerDeps {
  readonly databaseUrl: string;
  readonly hub: NotificationHub;
  readonly jobs: Jobs;
  readonly keyring: Keyring;
  readonly meta: MetaClient;
  /** Where fetched leads go: the lead daemon's writer. */
  readonly createLeadWriter: CreateLeadWriter;
  readonly applyWhatsAppStatus: ApplyWhatsAppStatus;
  readonly applyWhatsAppWord: ApplyWhatsAppWord;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface WebhookWorker extends Stoppable {
  /** Begins to work on webhook events and to reconcile; the jobs run already. */
  start(): Promise<void>;
}

/** One row for all sources, however long they take: what waits is bounded. */
const reconcileAll = defineJob({
  name: 'meta.reconcile_all',
  data: z.object({}),
  // Done before the next one is due, which goes on where this one ended.
  timeoutMs: 780_000,
  concurrency: 1,
});
const prune = defineJob({
  name: 'webhook.prune',
  data: z.object({}),
  timeoutMs: 60_000,
  concurrency: 1,
});

const PRUNE_EVERY_MS = 86_400_000;
/** Longer than Meta goes on sending a post again. */
const KEEP_POSTS_DAYS = 30;

const RECONCILE_EVERY_MS = 900_000;
const RECONCILE_STEP_MS = 60_000;
const RECONCILE_SOURCE_MS = 300_000;
const SOURCES_AT_A_TIME = 4;
/** What is due is found by this, where nobody announced it. */
const SWEEP_MS = 10_000;
/** Each lane besides, should even that fail. */
const LANE_MS = 60_000;
/** Side by side, so that leads of other pages go on while a few wait for a slow answer. */
const LEAD_RUNS = 4;

/** Works on what Meta posted, and fills from its forms what it did not post. */
export function createWebhookWorker(deps: WebhookWorkerDeps): WebhookWorker {
  const { hub, jobs, log } = deps;
  const database = createDatabase({
    url: deps.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'leadctl-webhooks',
    poolMax: 6,
  });
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'webhook upkeep failed; it will be tried again');
  const announcer = createAnnouncer({ database, log });
  const reading = {
    database,
    keyring: deps.keyring,
    meta: deps.meta,
    leads: deps.createLeadWriter({ database, clock: deps.clock, announce: announcer.announce }),
    alert: (alert: { message: string }) => log.error({ alert }, alert.message),
    log,
  };
  const { applyWhatsAppStatus, applyWhatsAppWord } = deps;
  const processor = createWebhookProcessor({
    ...reading,
    applyWhatsAppStatus,
    applyWhatsAppWord,
  });
  const reconciler = createReconciler({ ...reading, clock: deps.clock });
  const stopping = new AbortController();
  const work = (lane: Lane): Repeater =>
    createRepeater({
      everyMs: LANE_MS,
      onError,
      async run() {
        const taken = await processor.run(lane, stopping.signal);
        // Only what was taken can have been put off from here.
        const dueInMs = taken === 0 ? null : await processor.nextDueInMs(lane);
        return dueInMs === null ? undefined : { inMs: Math.min(dueInMs, LANE_MS) };
      },
    });
  const processing = [
    work('words'),
    work('statuses'),
    ...Array.from({ length: LEAD_RUNS }, () => work('leads')),
  ];
  const nudgeAll = (): void => processing.forEach((repeater) => repeater.nudge());
  const sweeping = createRepeater({
    everyMs: SWEEP_MS,
    onError,
    async run() {
      if ((await processor.sweep()).isAnythingDue) nudgeAll();
      return undefined;
    },
  });
  const reconcileInTurn = createRounds({
    list: reconciler.listSources,
    work: (source, signal) => reconcile(reconciler, log, source, signal),
    atATime: SOURCES_AT_A_TIME,
    onError,
  });
  jobs.handle(reconcileAll, (_data, signal) => reconcileInTurn(signal));
  jobs.handle(prune, async () => {
    await processor.prune(KEEP_POSTS_DAYS);
  });
  const unsubscribe = hub.subscribe('leadctl_webhooks', () => {
    nudgeAll();
    // A mapping may be what was announced: unmapped events are found by the sweep.
    sweeping.nudge();
  });

  return {
    async start() {
      processing.forEach((repeater) => repeater.start());
      sweeping.start();
      jobs.every(prune, PRUNE_EVERY_MS, {});
      jobs.every(reconcileAll, RECONCILE_EVERY_MS, {});
    },
    async stop() {
      unsubscribe();
      stopping.abort();
      // Together: each may wait a while for a database that does not answer.
      await Promise.all([...processing, sweeping].map((repeater) => repeater.stop()));
      await stopAll([database, announcer]);
    },
  };
}

async function reconcile(
  reconciler: Reconciler,
  log: Logger,
  { clientId, sourceId }: SourceKey,
  ended: AbortSignal,
): Promise<void> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(RECONCILE_SOURCE_MS)]);
  let continuation: string | undefined;
  do {
    const report = await reconciler.reconcile(clientId, sourceId, {
      budgetMs: RECONCILE_STEP_MS,
      continuation,
      signal,
      isScheduled: true,
    });
    if (isFailure(report)) {
      log.info({ client_id: clientId, source_id: sourceId, code: report.code }, report.detail);
      return;
    }
    if (report.filled > 0) {
      const { filled, missing } = report;
      log.warn(
        { client_id: clientId, source_id: sourceId, filled, missing },
        'webhooks were missed',
      );
    }
    continuation = report.stopped === null ? (report.continuation ?? undefined) : undefined;
  } while (continuation !== undefined && !signal.aborted);
}
