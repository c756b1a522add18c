import { z } from 'zod';
import { OPERATIONS, PROVIDERS } from './faults/faults.ts';
import { MESSAGE_STATUSES, STATUSES } from './meta/webhook-behaviour.ts';
import { TEMPLATE_STATUSES } from './whatsapp/templates.ts';

const share = z.number().min(0).max(1);
export const id = z.string().min(1).max(200);
const cell = z.union([z.string(), z.number(), z.boolean()]);
export const done = z.object({ ok: z.literal(true) });
const delayMs = z.int().min(0).max(300_000);

export const message = z.object({
  id: z.string(),
  phone_number_id: z.string(),
  to: z.string(),
  wa_id: z.string(),
  type: z.string(),
  template: z.looseObject({}).nullable(),
  text: z.string(),
  biz_opaque_callback_data: z.string().nullable(),
  at: z.iso.datetime(),
  status: z.string(),
});

export const request = z.object({
  id: z.int(),
  provider: z.enum(PROVIDERS),
  operation: z.enum(OPERATIONS),
  subject: z.string().nullable(),
  method: z.string(),
  path: z.string(),
  auth: z.string().nullable(),
  fault: z.string().nullable(),
  at: z.iso.datetime(),
  status: z.int().nullable(),
});

const faultFields = {
  provider: z.enum(PROVIDERS),
  operation: z.enum(OPERATIONS).optional(),
  subject: id.optional(),
  status: z.int().min(400).max(599).optional(),
  code: z.union([z.int(), z.string().max(50)]).optional(),
  message: z.string().max(500).optional(),
  headers: z
    .record(z.string().regex(/^[\w-]{1,100}$/), z.string().regex(/^[\x20-\x7e]{0,2000}$/))
    .optional(),
  delay_ms: delayMs.optional(),
  hang_after_accept: z.boolean().optional(),
  fail_after_accept: z.boolean().optional(),
  reset: z.boolean().optional(),
  rate: share.optional(),
  times: z.int().positive().optional(),
};

const EFFECTS = [
  'status',
  'code',
  'headers',
  'delay_ms',
  'hang_after_accept',
  'reset',
] as const satisfies readonly (keyof typeof faultFields)[];

export const fault = z
  .strictObject(faultFields)
  .refine((given) => EFFECTS.some((effect) => given[effect] !== undefined), {
    message: `says not what shall happen: give one of ${EFFECTS.join(', ')}`,
  });
export const madeFault = z.object({ id: z.string(), hits: z.int(), ...faultFields });

const fieldData = z.array(z.object({ name: z.string(), values: z.array(z.string()).default([]) }));

export const newLead = z.strictObject({
  page_id: id,
  form_id: id,
  field_data: fieldData,
  notify: z.boolean().default(true),
  copies: z.int().min(1).max(100).default(1),
  /** Send the ids as integers beyond 2^53. */
  numeric_ids: z.boolean().default(false),
  /** Unix seconds. */
  created_time: z.int().positive().optional(),
  ad_id: id.optional(),
  ad_name: z.string().optional(),
  adset_id: id.optional(),
  campaign_id: id.optional(),
  campaign_name: z.string().optional(),
  platform: z.enum(['fb', 'ig']).optional(),
  is_organic: z.boolean().optional(),
  custom_disclaimer_responses: z
    .array(z.object({ checkbox_key: z.string(), is_checked: z.string() }))
    .optional(),
});
export type NewLead = z.output<typeof newLead>;

export const webhook = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  object: z.string(),
  attempts: z.int(),
  status: z.int().nullable(),
  outcome: z.enum(['waiting', 'delivered', 'failed', 'dropped']),
});

export const hook = z.object({
  name: z.string(),
  id: z.string().nullable(),
  verified: z.boolean().nullable(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  at: z.iso.datetime(),
});

export const slackMessage = z.object({
  hook: z.string(),
  text: z.string(),
  at: z.iso.datetime(),
});

export const mail = z.object({
  from: z.string(),
  to: z.array(z.string()),
  raw: z.string(),
  at: z.iso.datetime(),
});

const mistreatment = { drop_rate: share, copies: z.int().min(1).max(100), delay_ms: delayMs };
const statusBehaviour = {
  ...mistreatment,
  message_status: z.enum(MESSAGE_STATUSES),
  sequence: z.array(z.enum(STATUSES)).max(10),
  reorder: z.boolean(),
  failure: z.object({ code: z.int(), title: z.string() }),
};
export const behaviour = z.object({
  leads: z.object(mistreatment),
  statuses: z.object(statusBehaviour),
});
export const behaviourChange = z.strictObject({
  leads: z.strictObject(mistreatment).partial().optional(),
  statuses: z.strictObject(statusBehaviour).partial().optional(),
});

export const quotas = z.object({
  sheets_writes_per_minute: z.int().positive().nullable(),
  whatsapp_pair: z.boolean(),
  whatsapp_messages_per_second: z.int().positive().nullable(),
});

export const template = z.strictObject({
  name: z.string().min(1).max(512),
  language: z.string().min(2).max(20).default('en_US'),
  body: z.string().max(1_024),
  status: z.enum(TEMPLATE_STATUSES).default('APPROVED'),
  category: z.string().default('UTILITY'),
});

export const phoneNumber = z.strictObject({
  id,
  waba_id: id.optional(),
  display_phone_number: z.string().optional(),
  verified_name: z.string().optional(),
  quality_rating: z.string().optional(),
  country_code: z
    .string()
    .regex(/^\d{1,3}$/)
    .optional(),
});

export const sheetSetup = z.strictObject({
  title: z.string().optional(),
  /** The tabs' names. */
  sheets: z.array(z.string().min(1)).min(1).max(100).optional(),
  /** E-mail addresses; absent means everybody. */
  shared_with: z.array(z.string()).optional(),
  /** Written to the first tab as they are. */
  values: z.array(z.array(cell)).optional(),
});

export const sheetValues = z.object({
  values: z.array(z.array(cell)),
  sheet: z.string().nullable(),
  sheets: z.array(z.string()),
});

export const tokenDescription = z.strictObject({
  access_token: z.string().min(1).max(1_000),
  is_valid: z.boolean().default(true),
  scopes: z.array(z.string()).optional(),
  type: z.string().optional(),
  expires_at: z.int().min(0).default(0),
});
