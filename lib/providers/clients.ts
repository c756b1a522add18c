import type { z } from 'zod';
import type { metaSettings, providerSettings } from '../core/config.ts';
import { stopAll, type Stoppable } from '../core/lifecycle.ts';
import { createSheetsClient, type SheetsClient } from './google-sheets/client.ts';
import { createMetaClient, type MetaClient } from './meta/client.ts';
import { createWhatsAppClient, type WhatsAppClient } from './whatsapp/client.ts';

export interface ProviderClients extends Stoppable {
  readonly whatsApp: WhatsAppClient;
  readonly sheets: SheetsClient;
  readonly meta: MetaClient;
}

/** A client of each provider, where the settings say that it is. */
export function createProviderClients(
  settings: z.output<typeof providerSettings> &
    Pick<z.output<typeof metaSettings>, 'META_APP_SECRET'>,
): ProviderClients {
  const timeoutMs = settings.PROVIDER_TIMEOUT_MS;
  const apiVersion = settings.GRAPH_API_VERSION;
  const whatsApp = createWhatsAppClient({
    baseUrl: settings.WHATSAPP_BASE_URL,
    apiVersion,
    timeoutMs,
  });
  const sheets = createSheetsClient({
    rootUrl: settings.GOOGLE_SHEETS_BASE_URL,
    tokenUrl: settings.GOOGLE_TOKEN_URL,
    timeoutMs,
  });
  const meta = createMetaClient({
    baseUrl: settings.GRAPH_BASE_URL,
    apiVersion,
    timeoutMs,
    appSecret: settings.META_APP_SECRET,
  });
  return {
    whatsApp,
    sheets,
    meta,
    stop: () => stopAll([whatsApp, sheets, meta].map((client) => ({ stop: () => client.close() }))),
  };
}
