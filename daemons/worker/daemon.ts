import { z } from 'zod';
import {
  databaseSettings,
  jobSettings,
  mailSettings,
  messagingSettings,
  metaSettings,
  providerSettings,
  retentionSettings,
  sealingSettings,
} from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import { withTimeout } from '../../lib/core/timeout.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createJobs } from '../../lib/jobs/jobs.ts';
import { createProviderClients } from '../../lib/providers/clients.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { createDeliveryWorker, KINDS, type Kinds } from '../integration/jobs.ts';
import { createLeadWriter } from '../lead/jobs.ts';
import { createWebhookWorker } from '../webhook/jobs.ts';
import { workerContract } from './contract.ts';
import { createBacklog } from './backlog.ts';
import { createUpkeep } from './upkeep.ts';

export const workerSettings = z.object({
  ...databaseSettings.shape,
  ...jobSettings.shape,
  ...sealingSettings.shape,
  ...providerSettings.shape,
  SMTP_URL: mailSettings.shape.SMTP_URL,
  MAIL_FROM: mailSettings.shape.MAIL_FROM,
  ...retentionSettings.shape,
  ...messagingSettings.shape,
  META_APP_SECRET: metaSettings.shape.META_APP_SECRET,
});

/** Does what is to be done in the background, for all daemons. */
export function createWorkerDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof workerSettings>,
  kinds: Kinds = KINDS,
): Daemon {
  const { log, clock, hub, metrics } = deps;
  const databaseUrl = settings.DATABASE_URL;
  const jobs = createJobs({ jobsUrl: settings.JOBS_URL, databaseUrl, hub, log, clock });
  const providers = createProviderClients(settings);
  const keyring = createKeyring(settings.FERNET_KEYS);
  const shared = { databaseUrl, hub, jobs, keyring, log, clock };
  const deliveries = createDeliveryWorker({
    ...shared,
    poolMax: settings.DATABASE_POOL_MAX,
    clients: providers,
    kinds,
    messagesADay: settings.WHATSAPP_PER_RECIPIENT_PER_DAY,
    metrics,
    tracing: deps.tracing,
  });
  const webhooks = createWebhookWorker({
    ...shared,
    meta: providers.meta,
    createLeadWriter,
    applyWhatsAppStatus: deliveries.applyWhatsAppStatus,
    applyWhatsAppWord: deliveries.applyWhatsAppWord,
  });
  const upkeep = createUpkeep({ databaseUrl, jobs, settings, log });
  const backlog = createBacklog({ databaseUrl, metrics, log });
  const start = async (): Promise<void> => {
    if ((await jobs.start()) === 'stopped') return;
    deliveries.start();
    await webhooks.start();
    upkeep.start();
  };
  const starting = start().catch((error: unknown) =>
    log.error({ err: error }, 'the worker did not start whole; restart it'),
  );

  return {
    contract: workerContract,
    listener: createDaemonApp(deps, {
      contract: workerContract,
      handlers: {},
      checks: { database: deliveries.check, jobs: jobs.check, notifications: hub.check },
    }),
    async stop() {
      const parts = [
        providers,
        backlog,
        deliveries,
        webhooks,
        upkeep,
        { stop: () => starting },
        jobs,
      ];
      // Newest first: lanes that the jobs still end need the ledger until then. Without its database
      // nothing can be ended well, and each would wait for it in turn.
      if (await answers(deliveries.check)) await stopAll(parts);
      else await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

const ANSWER_WITHIN_MS = 1_000;

function answers(check: () => Promise<void>): Promise<boolean> {
  return withTimeout(check(), ANSWER_WITHIN_MS, 'the database').then(
    () => true,
    () => false,
  );
}
