import type { Database } from '../../../lib/db/database.ts';
import type { LeadWriter } from '../../lead/contract.ts';
import type { MetaClient } from '../../../lib/providers/meta/client.ts';
import type { ApplyWhatsAppWord } from '../../../lib/providers/meta/opt-out.ts';
import type { ApplyWhatsAppStatus } from '../../../lib/providers/meta/message-status.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';

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
  readonly leads: LeadWriter;
  readonly alert: (alert: Alert) => void;
  readonly log: Logger;
  /** In [0, 1), for the jitter of retries; a test passes its own. */
  readonly random?: () => number;
}

export interface WebhookProcessorDeps extends MetaReadingDeps {
  readonly applyWhatsAppStatus: ApplyWhatsAppStatus;
  readonly applyWhatsAppWord: ApplyWhatsAppWord;
}
