import { z } from 'zod';
import {
  databaseSettings,
  mailSettings,
  metaSettings,
  providerSettings,
  sealingSettings,
} from '../../lib/core/config.ts';
import { stopAll } from '../../lib/core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createAnnouncer } from '../../lib/events/announcer.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createProviderClients } from '../../lib/providers/clients.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { createIntegrationChecks } from './checks/checks.ts';
import { integrationContract } from './contract.ts';
import { createDestinationService } from './destinations/service.ts';
import { createDeliveryService } from './deliveries/service.ts';
import { integrationRoutes } from './routes.ts';
import { KINDS } from './kinds/index.ts';
import type { Kinds } from './kinds/kind.ts';
import { createIntegrationService } from './switchboard/service.ts';
import { createMetaSourceService } from './sources/service.ts';
import { createSuppressionService } from './suppressions/service.ts';

export const integrationSettings = z.object({
  ...databaseSettings.shape,
  ...sealingSettings.shape,
  ...providerSettings.shape,
  SMTP_URL: mailSettings.shape.SMTP_URL,
  MAIL_FROM: mailSettings.shape.MAIL_FROM,
  META_APP_SECRET: metaSettings.shape.META_APP_SECRET,
  META_APP_ID: metaSettings.shape.META_APP_ID,
});

export function createIntegrationDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof integrationSettings>,
  kinds: Kinds = KINDS,
): Daemon {
  const { log, clock, hub } = deps;
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_integration',
    applicationName: 'leadctl-integration',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  const announcer = createAnnouncer({ database, log });
  const keyring = createKeyring(settings.FERNET_KEYS);
  const providers = createProviderClients(settings);
  const checks = createIntegrationChecks({
    clients: providers,
    keyring,
    kinds,
    appId: settings.META_APP_ID,
    clock,
  });

  return {
    contract: integrationContract,
    listener: createDaemonApp(deps, {
      contract: integrationContract,
      handlers: integrationRoutes({
        integrations: createIntegrationService({
          database,
          keyring,
          kinds,
          checks,
          announcer,
          clock,
        }),
        destinations: createDestinationService({
          database,
          keyring,
          kinds,
          checks,
          announcer,
          clock,
        }),
        sources: createMetaSourceService({ database, announcer, clock }),
        deliveries: createDeliveryService({ database, announcer, kinds }),
        suppressions: createSuppressionService({ database, clock }),
      }),
      checks: { database: database.check, notifications: hub.check },
    }),
    stop: () => stopAll([providers, database, announcer]),
  };
}
