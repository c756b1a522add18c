import type { Switch } from './names.ts';
import { z } from 'zod';
import { sealedSecret, type Destination, type SealedSecret } from '../destinations/model.ts';
import type { TemplateConfig } from '../../../lib/providers/whatsapp/template.ts';

/** `client_integrations.config`: what belongs to no destination. */
export const storedConfig = z.object({
  meta: z.object({ page_access_token: sealedSecret }).partial().default({}),
});

/** The name under which the page token is bound: it opens there alone. */
export const META_SECRET = 'meta.page_access_token';

/** A client's integrations as they stand; version 0 while nothing was ever set. */
export interface StoredIntegrations {
  readonly whatsapp_enabled: boolean;
  readonly google_sheets_enabled: boolean;
  readonly google_sheet_id: string | null;
  readonly meta_page_id: string | null;
  readonly meta_form_id: string | null;
  readonly config: {
    readonly whatsapp: Partial<{
      readonly phone_number_id: string;
      readonly waba_id: string;
      readonly access_token: SealedSecret;
      readonly template: TemplateConfig;
    }>;
    readonly google_sheets: Partial<{
      readonly sheet_name: string;
      readonly columns: readonly string[];
      readonly service_account: SealedSecret;
    }>;
    readonly meta: Partial<{ readonly page_access_token: SealedSecret }>;
  };
  readonly version: number;
  readonly updated_at: Date | null;
}

/** The destinations behind the switches, as far as they are there. */
export type Switched = Readonly<Record<Switch, Destination | undefined>>;
