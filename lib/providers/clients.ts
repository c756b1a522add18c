import type { z } from 'zod';
import { ConfigError, type metaSettings, type providerSettings } from '../core/config.ts';
import { stopAll, type Stoppable } from '../core/lifecycle.ts';
import { createMailClient, type MailClient } from '../mail/client.ts';
import type { MailerSettings } from '../mail/transport.ts';
import { createSheetsClient, type SheetsClient } from './google-sheets/client.ts';
import { createMetaClient, type MetaClient } from './meta/client.ts';
import { parseAllowList, type AllowList } from './outgoing/allow-list.ts';
import { createSlackClient, type SlackClient } from './slack/client.ts';
import { createWebhookClient, type WebhookClient } from './webhook/client.ts';
import { createWhatsAppClient, type WhatsAppClient } from './whatsapp/client.ts';

export interface ProviderClients extends Stoppable {
  readonly whatsApp: WhatsAppClient;
  readonly sheets: SheetsClient;
  readonly meta: MetaClient;
  readonly webhook: WebhookClient;
  readonly slack: SlackClient;
  /** Undefined when no mail server is named. */
  readonly mail: MailClient | undefined;
}

/**
 * A client of each provider, where the settings say that it is. Throws ConfigError for what no client can
 * be made with.
 */
export function createProviderClients(
  settings: z.output<typeof providerSettings> &
    Pick<z.output<typeof metaSettings>, 'META_APP_SECRET'> &
    MailerSettings,
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
  const outgoing = { timeoutMs, allow: readAllowList(settings.DESTINATION_ALLOW) };
  const webhook = createWebhookClient(outgoing);
  const slack = createSlackClient(outgoing);
  const mail = createMailClient(settings);
  const all = [whatsApp, sheets, meta, webhook, slack, ...(mail === undefined ? [] : [mail])];
  return {
    whatsApp,
    sheets,
    meta,
    webhook,
    slack,
    mail,
    stop: () => stopAll(all.map((client) => ({ stop: () => client.close() }))),
  };
}

function readAllowList(entries: readonly string[] = []): AllowList {
  try {
    return parseAllowList(entries);
  } catch (error) {
    throw new ConfigError(
      `DESTINATION_ALLOW: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
