import { z } from 'zod';
import { label } from '../../../lib/contract/refinements.ts';
import { time } from '../../../lib/contract/shapes.ts';
import { templateConfigSchema } from '../../../lib/providers/whatsapp/template.ts';
import { SWITCHES } from './names.ts';
import { warning } from '../checks/shapes.ts';
import { columns, sheetId } from '../kinds/google_sheets/settings.ts';
import { metaId } from '../sources/shapes.ts';

const id = label(200);

/** A secret as it is read back; sent like this it stays as it is. */
const secretMark = z.object({
  set: z.literal(true),
  updated_at: time,
  /** By it whoever holds a secret can tell whether it is this one. */
  fingerprint: z.string(),
});
const keep = z.strictObject({
  set: z.literal(true),
  updated_at: z.string().optional(),
  fingerprint: z.string().optional(),
});

const token = z.union([label(4_000), keep]);
/** The JSON key file of a service account, as text or as it stands. */
const serviceAccount = z.union([
  z.string().min(1).max(20_000),
  keep,
  z.looseObject({ type: z.literal('service_account') }),
]);

const config = z
  .strictObject({
    whatsapp: z.strictObject({
      phone_number_id: id.nullish(),
      /** Where the templates are; only checks need it. */
      waba_id: id.nullish(),
      access_token: token.nullish(),
      template: templateConfigSchema.nullish(),
    }),
    google_sheets: z.strictObject({
      /** The first tab unless told. */
      sheet_name: z.string().min(1).max(100).nullish(),
      columns: columns.nullish(),
      service_account: serviceAccount.nullish(),
    }),
    meta: z.strictObject({ page_access_token: token.nullish() }),
  })
  .partial();

const fields = {
  whatsapp_enabled: z.boolean(),
  google_sheets_enabled: z.boolean(),
  google_sheet_id: sheetId.nullable(),
  meta_page_id: metaId.nullable(),
  meta_form_id: metaId.nullable(),
  config,
};

export const integrationsChange = z.strictObject(fields).partial();
export type IntegrationsChange = z.output<typeof integrationsChange>;

const parameter = z.union([z.string(), z.record(z.string(), z.unknown())]);

export const integrations = z.object({
  client_id: z.string(),
  whatsapp_enabled: z.boolean(),
  google_sheets_enabled: z.boolean(),
  google_sheet_id: z.string().nullable(),
  meta_page_id: z.string().nullable(),
  meta_form_id: z.string().nullable(),
  config: z.object({
    whatsapp: z.object({
      phone_number_id: z.string().nullable(),
      waba_id: z.string().nullable(),
      access_token: secretMark.nullable(),
      template: z
        .object({ name: z.string(), language: z.string(), parameters: z.array(parameter) })
        .nullable(),
    }),
    google_sheets: z.object({
      sheet_name: z.string().nullable(),
      columns: z.array(z.string()).nullable(),
      service_account: secretMark.nullable(),
    }),
    meta: z.object({ page_access_token: secretMark.nullable() }),
  }),
  version: z.int(),
  updated_at: time.nullable(),
  /** Lanes that are held: what is wrong and what to do. */
  held: z.array(
    z.object({
      integration: z.enum(SWITCHES),
      account: z.string(),
      code: z.string(),
      message: z.string(),
      held_at: time,
    }),
  ),
  /** What a check against the providers found after a change. */
  warnings: z.array(warning),
});
export type Integrations = z.input<typeof integrations>;
