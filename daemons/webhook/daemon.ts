import { z } from 'zod';
import {
  databaseSettings,
  metaSettings,
  providerSettings,
  sealingSettings,
} from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createSecurityLog } from '../../lib/audit/security.ts';
import { createPool } from '../../lib/db/pool.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createAnnouncer } from '../../lib/events/announcer.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import type { CreateLeadWriter } from '../lead/contract.ts';
import { createMetaClient } from '../../lib/providers/meta/client.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { webhookContract } from './contract.ts';
import { createReceiveService } from './receive/service.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createReconcileService } from './reconcile/service.ts';
import { webhookRoutes } from './routes.ts';
import { createEventService } from './service.ts';

export const webhookSettings = z.object({
  ...databaseSettings.shape,
  ...metaSettings.shape,
  ...sealingSettings.shape,
  GRAPH_BASE_URL: providerSettings.shape.GRAPH_BASE_URL,
  GRAPH_API_VERSION: providerSettings.shape.GRAPH_API_VERSION,
  PROVIDER_TIMEOUT_MS: providerSettings.shape.PROVIDER_TIMEOUT_MS,
});

export interface WebhookDaemonDeps extends DaemonDeps {
  /** Where reconciled leads go: the lead daemon's writer. */
  readonly createLeadWriter: CreateLeadWriter;
}

/** Two batches of small posts and two large posts are in flight at most, and the announcements. */
const RECEIVING_CONNECTIONS = 5;

export function createWebhookDaemon(
  deps: WebhookDaemonDeps,
  settings: z.output<typeof webhookSettings>,
): Daemon {
  const { log, clock } = deps;
  const connection = {
    url: settings.DATABASE_URL,
    role: 'leadctl_webhook',
    applicationName: 'leadctl-webhook',
  } as const;
  const database = createDatabase({ ...connection, poolMax: settings.DATABASE_POOL_MAX });
  // Apart, so that what Meta posts never waits behind a list or a comparison.
  const receivers = createPool({ ...connection, max: RECEIVING_CONNECTIONS }, log);
  const announcer = createAnnouncer({ database, log });
  const meta = createMetaClient({
    baseUrl: settings.GRAPH_BASE_URL,
    apiVersion: settings.GRAPH_API_VERSION,
    appSecret: settings.META_APP_SECRET,
    timeoutMs: settings.PROVIDER_TIMEOUT_MS,
  });
  const receiving = createReceiveService({
    pool: receivers,
    announcer,
    appSecret: settings.META_APP_SECRET,
    verifyToken: settings.META_VERIFY_TOKEN,
  });
  const reconciler = createReconciler({
    database,
    keyring: createKeyring(settings.FERNET_KEYS),
    meta,
    leads: deps.createLeadWriter({ database, clock, announce: announcer.announce }),
    alert: (alert) => log.error({ alert }, alert.message),
    log,
    clock,
  });
  const unsigned = deps.metrics.counter(
    'webhook_unsigned_posts_total',
    'Posts whose signature is wrong or missing',
    [],
  );
  const security = createSecurityLog({
    database,
    metrics: deps.metrics,
    clock,
    onError: (error) => log.warn({ err: error }, 'rejected posts wait to be written down'),
  });
  return {
    contract: webhookContract,
    listener: createDaemonApp(deps, {
      contract: webhookContract,
      handlers: webhookRoutes({
        receiving,
        events: createEventService({ database }),
        reconciling: createReconcileService({ reconciler }),
        onUnsigned: () => unsigned.inc(),
        security,
      }),
      checks: { database: database.check },
    }),
    async stop() {
      await receiving.drain();
      await stopAll([
        database,
        { stop: () => receivers.end() },
        announcer,
        { stop: () => meta.close() },
        security,
      ]);
    },
  };
}
