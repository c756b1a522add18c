import { z } from 'zod';
import {
  databaseSettings,
  jobSettings,
  providerSettings,
  sealingSettings,
} from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createJobs } from '../../lib/jobs/jobs.ts';
import { createSheetsClient } from '../../lib/providers/google-sheets/client.ts';
import { createWhatsAppClient } from '../../lib/providers/whatsapp/client.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { createDeliveryWorker } from '../integration/jobs.ts';
import { workerContract } from './contract.ts';

export const workerSettings = z.object({
  ...databaseSettings.shape,
  ...jobSettings.shape,
  ...sealingSettings.shape,
  ...providerSettings.shape,
});

/** Does what is to be done in the background, for all daemons. */
export function createWorkerDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof workerSettings>,
): Daemon {
  const { log, clock, hub, metrics } = deps;
  const databaseUrl = settings.DATABASE_URL;
  const timeoutMs = settings.PROVIDER_TIMEOUT_MS;
  const jobs = createJobs({ jobsUrl: settings.JOBS_URL, databaseUrl, hub, log, clock });
  const whatsApp = createWhatsAppClient({
    baseUrl: settings.WHATSAPP_BASE_URL,
    apiVersion: settings.GRAPH_API_VERSION,
    timeoutMs,
  });
  const sheets = createSheetsClient({
    rootUrl: settings.GOOGLE_SHEETS_BASE_URL,
    tokenUrl: settings.GOOGLE_TOKEN_URL,
    timeoutMs,
  });
  const deliveries = createDeliveryWorker({
    databaseUrl,
    poolMax: settings.DATABASE_POOL_MAX,
    hub,
    jobs,
    keyring: createKeyring(settings.FERNET_KEYS),
    whatsApp,
    sheets,
    metrics,
    log,
    clock,
  });
  const starting = jobs.start().then(() => deliveries.start());

  return {
    contract: workerContract,
    listener: createDaemonApp(deps, {
      contract: workerContract,
      handlers: {},
      checks: { database: deliveries.check, jobs: jobs.check, notifications: hub.check },
    }),
    async stop() {
      const clients = [{ stop: () => whatsApp.close() }, { stop: () => sheets.close() }];
      // Newest first: lanes that the jobs still end need the ledger until then.
      await stopAll([...clients, deliveries, { stop: () => starting }, jobs]);
    },
  };
}
