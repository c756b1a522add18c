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
import type { ProviderClients } from '../../../lib/providers/clients.ts';
import type { ApplyWhatsAppWord } from '../../../lib/providers/meta/opt-out.ts';
import type { ApplyWhatsAppStatus } from '../../../lib/providers/meta/message-status.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { Metrics } from '../../../lib/telemetry/metrics.ts';
import type { Tracing } from '../../../lib/telemetry/tracing.ts';
import { createFanOut, PAGE } from './fan-out.ts';
import { createLaneWorker } from './lane.ts';
import { createDeliveryMetrics } from './metrics.ts';
import { createOwnLanes } from './own-lanes.ts';
import { createRepeater } from '../../../lib/jobs/repeater.ts';
import { createWordApplier } from '../kinds/whatsapp/words.ts';
import { createDeliveryTraces } from './traces.ts';
import { sweep } from './sweeper.ts';
import { createStatusApplier } from '../kinds/whatsapp/statuses.ts';
import type { Kinds } from '../kinds/kind.ts';

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
  readonly clients: ProviderClients;
  readonly kinds: Kinds;
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

/** Both make up for what nobody announced: a process that ended between its commit and its word. */
const FAN_OUT_SWEEP_MS = 5_000;
const SWEEP_MS = 10_000;
/** Nothing tells when a slow transaction that hides events has ended. */
const HIDDEN_MS = 15;

/** So much an event found, at most: each run costs as much as several leads, and finds what others would. */
const REST_PER_EVENT_MS = 10;
const MOST_REST_MS = 200;

/** None where nothing happens; a crowd is turned into deliveries together, and never 200 ms late. */
function restAfter(found: number): number {
  return found === PAGE ? 0 : Math.min(found * REST_PER_EVENT_MS, MOST_REST_MS);
}

/** From committed leads to sent messages and rows; registers its jobs at once. */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  const { jobs, hub, log, clock, kinds } = deps;
  const connection = {
    url: deps.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'leadctl-delivery',
  } as const;
  const database = createDatabase({ ...connection, poolMax: 3 });
  const pool = createPool({ ...connection, max: deps.poolMax }, log);
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'delivery upkeep failed; it will be tried again');
  const announcer = createAnnouncer({ database, log });
  const work = createLaneWorker({
    run: onPool(pool),
    messagesADay: deps.messagesADay,
    announcer,
    metrics: createDeliveryMetrics(deps.metrics),
    traces: deps.tracing && createDeliveryTraces({ pool, tracing: deps.tracing, onError }),
    log,
    account: { pool, keyring: deps.keyring, kinds, clock },
    work: new Map([...kinds.values()].map((kind) => [kind.kind, kind.createWork(deps)])),
    wakeLater: (laneKey, inMs) =>
      inMs === 0
        ? wake([laneKey])
        : jobs.schedule(deliverLane, new Date(clock().getTime() + inMs), { laneKey }),
  });
  const own = createOwnLanes({ work, onError });
  const wake = async (laneKeys: readonly string[]): Promise<void> => {
    const others = laneKeys.filter((laneKey) => !own.take(laneKey));
    for (const laneKey of others) await jobs.wake(deliverLane, { laneKey });
  };
  jobs.handle(deliverLane, ({ laneKey }, signal) => work(laneKey, signal));
  const fanOut = createFanOut(database, kinds);
  const fanning = createRepeater({
    everyMs: FAN_OUT_SWEEP_MS,
    onError,
    async run() {
      const { laneKeys, found, hasMore } = await fanOut();
      await wake(laneKeys);
      return { inMs: hasMore ? HIDDEN_MS : undefined, restMs: restAfter(found) };
    },
  });
  const sweeping = createRepeater({
    everyMs: SWEEP_MS,
    onError,
    async run() {
      await wake(await sweep(database, kinds));
      return undefined;
    },
  });
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
      // Together: each may wait a while for a database that does not answer.
      await Promise.all([sweeping.stop(), fanning.stop()]);
      await stopAll([{ stop: () => pool.end() }, database, announcer, own]);
    },
  };
}
