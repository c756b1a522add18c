import { z } from 'zod';
import type { ClientId } from '../../lib/core/ids.ts';
import { templateConfigSchema } from '../../lib/providers/whatsapp/template.ts';

export const INTEGRATIONS = ['whatsapp', 'google_sheets'] as const;
export type Integration = (typeof INTEGRATIONS)[number];

/** A secret as it is kept: sealed for its client and field. */
const sealedSecret = z.object({
  sealed: z.string(),
  /** Tells whether another secret is the same one. */
  fingerprint: z.string().default(''),
  updated_at: z.iso.datetime(),
});
export type SealedSecret = z.output<typeof sealedSecret>;

/** `client_integrations.config`, as stored. */
export const storedConfig = z.object({
  whatsapp: z
    .object({
      phone_number_id: z.string(),
      waba_id: z.string(),
      access_token: sealedSecret,
      template: templateConfigSchema,
    })
    .partial()
    .default({}),
  google_sheets: z
    .object({
      sheet_name: z.string(),
      columns: z.array(z.string()),
      service_account: sealedSecret,
    })
    .partial()
    .default({}),
  meta: z.object({ page_access_token: sealedSecret }).partial().default({}),
});
export type StoredConfig = z.output<typeof storedConfig>;

/** The names under which secrets are bound; a sealed token opens in its own place alone. */
export const SECRET_FIELDS = {
  whatsapp: 'whatsapp.access_token',
  google_sheets: 'google_sheets.service_account',
  meta: 'meta.page_access_token',
} as const;

const DEFAULT_COLUMNS: readonly string[] = [
  'lead_id',
  'created_at',
  'name',
  'email',
  'phone',
  'source',
  'status',
  'product',
  'lead_reference_id',
];

/**
 * What a delivery is made under: `client_integration_versions.settings`. It holds no secret, since
 * a replay with the original settings must not bring a dead token back; secrets are always today's.
 */
export const deliverySettings = z.object({
  whatsapp: z.object({
    phone_number_id: z.string().nullable(),
    template: templateConfigSchema.nullable(),
  }),
  google_sheets: z.object({
    sheet_id: z.string().nullable(),
    /** Null: the spreadsheet's first tab. */
    sheet_name: z.string().nullable(),
    columns: z.array(z.string()),
  }),
});
export type DeliverySettings = z.output<typeof deliverySettings>;

export function deliverySettingsOf(
  sheetId: string | null,
  { whatsapp, google_sheets: sheets }: StoredConfig,
): DeliverySettings {
  return {
    whatsapp: {
      phone_number_id: whatsapp.phone_number_id ?? null,
      template: whatsapp.template ?? null,
    },
    google_sheets: {
      sheet_id: sheetId,
      sheet_name: sheets.sheet_name ?? null,
      columns: withLeadId(sheets.columns ?? DEFAULT_COLUMNS),
    },
  };
}

/** Without the lead's id a row that may be there could not be looked for. */
function withLeadId(columns: readonly string[]): string[] {
  const has = columns.some((column) => column === 'lead_id' || column === 'id');
  return has ? [...columns] : [...columns, 'lead_id'];
}

export interface LaneName {
  readonly laneKey: string;
  /** The provider's account: a phone number id, a spreadsheet id; `-` while it is not set. */
  readonly account: string;
}

/** The lane in which a client's deliveries run: one provider account of that client. */
export function laneOf(
  clientId: ClientId | string,
  integration: Integration,
  settings: DeliverySettings,
): LaneName {
  const account =
    (integration === 'whatsapp'
      ? settings.whatsapp.phone_number_id
      : settings.google_sheets.sheet_id) ?? '-';
  return { laneKey: `${clientId}/${integration}/${account}`, account };
}
