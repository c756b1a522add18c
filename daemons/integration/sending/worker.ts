import { z } from 'zod';
import type { Clock } from '../../../lib/core/clock.ts';
import { stopAll, type Stoppable } from '../../../lib/core/lifecycle.ts';
import { createPool } from '../../../lib/db/pool.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import { onPool } from '../../../lib/db/statement.ts';
import type { NotificationHub } from '../../../lib/db/notifications.ts';
import { createAnnouncer } from '../../../lib/events/announcer.ts';
import { defineJob } from '../../../lib/jobs/job.ts';
import type { Jobs } from '../../../lib/jobs/jobs.ts';
import type { SheetsClient } from '../../../lib/providers/google-sheets/client.ts';
import type { WhatsAppClient } from '../../../lib/providers/whatsapp/client.ts';
import type { ApplyWhatsAppWord } from '../../../lib/providers/whatsapp/opt-out.ts';
import type { ApplyWhatsAppStatus } from '../../../lib/providers/whatsapp/status.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { Metrics } from '../../../lib/telemetry/metrics.ts';
import type { Tracing } from '../../../lib/telemetry/tracing.ts';
import { fanOut } from './fan-out.ts';
import { createLaneWorker } from './lane.ts';
import { createDeliveryMetrics } from './metrics.ts';
import { createRepeater } from '../../../lib/jobs/repeater.ts';
import { createWordApplier } from '../suppressions/words.ts';
import { createSheetsWork } from './sheets.ts';
import { createStatusApplier } from './statuses.ts';
import { createDeliveryTraces } from './traces.ts';
import { sweep } from './sweeper.ts';
import { createWhatsAppWork } from './whatsapp.ts';

/** Wakes a lane: whoever is free works it until it is empty. */
const deliverLane = defineJob({
  name: 'deliver.lane',
  data: z.object({ laneKey: z.string() }),
  timeoutMs: 60_000,
  concurrency: 128,
});

export interface DeliveryWorkerDeps {
  readonly databaseUrl: string;
  readonly poolMax: number;
  readonly hub: NotificationHub;
  readonly jobs: Jobs;
  readonly keyring: Keyring;
  readonly whatsApp: WhatsAppClient;
  readonly sheets: SheetsClient;
  /** To one number, of one client, within 24 hours. */
  readonly messagesADay: number;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | undefined;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface DeliveryWorker extends Stoppable {
  readonly applyWhatsAppStatus: ApplyWhatsAppStatus;
  readonly applyWhatsAppWord: ApplyWhatsAppWord;
  /** Begins to turn events into deliveries and to sweep; the jobs run already. */
  start(): void;
  check(): Promise<void>;
}

const FAN_OUT_SWEEP_MS = 2_000;
const SWEEP_MS = 5_000;
/** Nothing tells when a slow transaction that hides events has ended. */
const HIDDEN_MS = 15;

/** From committed leads to sent messages and rows; registers its jobs at once. */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  const { jobs, hub, log, clock } = deps;
  const connection = {
    url: deps.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'leadctl-delivery',
  } as const;
  const database = createDatabase({ ...connection, poolMax: 3 });
  const pool = createPool({ ...connection, max: deps.poolMax }, log);
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'delivery upkeep failed; it will be tried again');
  const announcer = createAnnouncer({
    database,
    onError,
  });
  const wake = async (laneKeys: readonly string[]): Promise<void> => {
    for (const laneKey of laneKeys) await jobs.wake(deliverLane, { laneKey });
  };
  const fanning = createRepeater({
    everyMs: FAN_OUT_SWEEP_MS,
    onError,
    async run() {
      const { laneKeys, hasMore } = await fanOut(database);
      await wake(laneKeys);
      return hasMore ? HIDDEN_MS : undefined;
    },
  });
  const sweeping = createRepeater({
    everyMs: SWEEP_MS,
    onError,
    async run() {
      await wake(await sweep(database));
      return undefined;
    },
  });
  jobs.handle(
    deliverLane,
    laneHandler(
      createLaneWorker({
        run: onPool(pool),
        announcer,
        metrics: createDeliveryMetrics(deps.metrics),
        traces: deps.tracing && createDeliveryTraces({ pool, tracing: deps.tracing, onError }),
        log,
        account: { pool, keyring: deps.keyring },
        work: {
          whatsapp: createWhatsAppWork({
            client: deps.whatsApp,
            clock,
            mostADay: deps.messagesADay,
          }),
          google_sheets: createSheetsWork({ client: deps.sheets, clock }),
        },
        wakeLater: (laneKey, inMs) =>
          inMs === 0
            ? jobs.wake(deliverLane, { laneKey })
            : jobs.schedule(deliverLane, new Date(clock().getTime() + inMs), { laneKey }),
      }),
    ),
  );
  const unsubscribe = [
    hub.subscribe('leadctl_events', () => fanning.nudge()),
    hub.subscribe('leadctl_deliveries', () => sweeping.nudge()),
  ];

  return {
    start() {
      fanning.start();
      sweeping.start();
    },
    applyWhatsAppStatus: createStatusApplier({ database, announcer }),
    applyWhatsAppWord: createWordApplier({ database }),
    check: () => database.check(),
    async stop() {
      for (const end of unsubscribe) end();
      await stopAll([{ stop: () => pool.end() }, database, announcer, sweeping, fanning]);
    },
  };
}

const laneHandler =
  (work: ReturnType<typeof createLaneWorker>) =>
  ({ laneKey }: { laneKey: string }, signal: AbortSignal) =>
    work(laneKey, signal);
