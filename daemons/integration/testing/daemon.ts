import { systemClock } from '../../../lib/core/clock.ts';
import { startTestDaemon, type TestDaemon } from '../../../lib/testing/daemon.ts';
import { integrationContract, type IntegrationContract } from '../contract.ts';
import { createIntegrationDaemon, integrationSettings } from '../daemon.ts';
import { KINDS } from '../kinds/index.ts';
import type { Kinds } from '../kinds/kind.ts';
import { FERNET_KEY, type DeliveryKit } from './kit.ts';

/** The daemon over HTTP, on the kit's database and providers. */
export function startIntegrationDaemon(
  kit: DeliveryKit,
  kinds: Kinds = KINDS,
): Promise<TestDaemon<IntegrationContract>> {
  return startTestDaemon({
    contract: integrationContract,
    database: kit,
    clock: systemClock,
    create: (deps) =>
      createIntegrationDaemon(
        deps,
        integrationSettings.parse({
          DATABASE_URL: kit.url,
          FERNET_KEYS: FERNET_KEY,
          META_APP_SECRET: 'a meta app secret',
          WHATSAPP_BASE_URL: kit.providers.baseUrl,
          GRAPH_BASE_URL: kit.providers.baseUrl,
          GOOGLE_SHEETS_BASE_URL: kit.providers.baseUrl,
          GOOGLE_TOKEN_URL: `${kit.providers.baseUrl}/token`,
          PROVIDER_TIMEOUT_MS: 1_000,
        }),
        kinds,
      ),
  });
}
