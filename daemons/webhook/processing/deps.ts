import type { ClientId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import type { MetaClient } from '../../../lib/providers/meta/client.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { WHATSAPP_STATUSES } from '../receive/statuses.ts';
import type { FetchedLead } from '../sources/meta-lead.ts';

export type LeadWritten =
  | { readonly kind: 'created' | 'existing'; readonly leadId: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Where fetched leads go: the lead daemon's writer has this shape. */
export interface LeadStore {
  find(
    clientId: ClientId,
    sources: readonly string[],
    referenceIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  write(
    clientId: ClientId,
    sources: readonly string[],
    leads: readonly FetchedLead[],
  ): Promise<readonly LeadWritten[]>;
}

export interface WhatsAppStatus {
  /** What the message carried as `biz_opaque_callback_data`; null when it came back without. */
  readonly deliveryId: string | null;
  readonly messageId: string;
  readonly status: (typeof WHATSAPP_STATUSES)[number];
  readonly at: Date;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * Moves a delivery forward, never back: statuses come out of order. `unknown`: no delivery of ours;
 * `stale`: one that is further already.
 */
export type ApplyWhatsAppStatus = (
  status: WhatsAppStatus,
) => Promise<'applied' | 'stale' | 'unknown'>;

/** Something that an operator has to see to; told once for each time it comes to be. */
export interface Alert {
  readonly kind: 'meta_page_held';
  readonly clientId: string;
  readonly pageId: string;
  readonly code: string;
  readonly message: string;
}

/** What reading leads from Meta takes, for events and for reconciling alike. */
export interface MetaReadingDeps {
  /** As the worker or as the application. */
  readonly database: Database;
  readonly keyring: Keyring;
  readonly meta: MetaClient;
  readonly leads: LeadStore;
  readonly alert: (alert: Alert) => void;
  readonly log: Logger;
  /** In [0, 1), for the jitter of retries; a test passes its own. */
  readonly random?: () => number;
}

export interface WebhookProcessorDeps extends MetaReadingDeps {
  readonly applyWhatsAppStatus: ApplyWhatsAppStatus;
}
