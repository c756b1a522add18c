import * as z from 'zod';
import { CLIENT_STATUSES } from '../../daemons/client/contract.ts';
import { API_KEY_SCOPES } from '../../daemons/lead/contract.ts';
import { templateConfigSchema } from '../../lib/providers/whatsapp/template.ts';

const name = z.string().trim().min(1).max(200);
const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(320)
  .pipe(z.email({ message: 'must be an e-mail address' }));
const metaId = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,40}$/, { message: 'must be an id of Meta’s: digits only' }))
  .describe('An id of Meta’s: digits');

/** Where a secret comes from; the manifest itself never holds one. */
export const secretReference = z
  .strictObject(
    {
      fromEnv: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { message: 'must be the name of a variable' })
        .optional()
        .describe('The environment variable that holds the secret'),
      fromFile: z
        .string()
        .min(1)
        .optional()
        .describe('The file that holds the secret, seen from the manifest'),
    },
    {
      error:
        'must be { fromEnv: NAME } or { fromFile: PATH }: a secret does not belong in a manifest',
    },
  )
  .refine((given) => (given.fromEnv === undefined) !== (given.fromFile === undefined), {
    message: 'give either fromEnv or fromFile',
  })
  .describe('A secret, taken from the environment or a file; left as it is when not given');
export type SecretReference = z.output<typeof secretReference>;

const role = z.strictObject({
  name: z.string().trim().min(1).max(100),
  level: z
    .union([z.string().regex(/^\d{1,9}$/), z.int().min(0).max(999_999_999)], {
      error: 'must be a whole number from 0 on, e.g. "20"',
    })
    .transform(Number)
    .describe('The lower, the more senior'),
  description: z.string().trim().max(1_000).nullable().optional(),
  grants: z
    .array(
      z.string().regex(/^(\*|GET|POST|PUT|PATCH|DELETE) \/\S*$/, {
        message: 'must be METHOD /path or * /path/**',
      }),
    )
    .max(500)
    .optional()
    .describe('All that the role may do; left as it is when not given'),
});

const category = z.strictObject({ name, products: z.array(name).default([]) });
const industry = z.strictObject({ name, categories: z.array(category).default([]) });

const member = z.strictObject({
  email,
  role: z.string().trim().min(1).max(100).describe('Name of a role'),
  reports_to: email.nullish().describe('E-mail of another member; nobody when not given'),
});

const clientProduct = z.strictObject({
  industry: name,
  category: name,
  product: name,
  enabled: z.boolean().default(true),
});

const apiKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  prefix: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/, { message: 'must be 1–16 of a–z and 0–9' })
    .optional()
    .describe('How the value of a new key begins'),
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1).optional(),
  allowed_origins: z
    .array(
      z.string().regex(/^https?:\/\/[^/\s]+$/, {
        message: 'must be an origin: scheme and host, no path, e.g. https://acme.example',
      }),
    )
    .max(50)
    .optional(),
  rate_limit_per_minute: z.int().positive().max(1_000_000).nullable().optional(),
  expires_at: z.iso
    .datetime({ offset: true, message: 'must be a time, e.g. 2030-01-01T00:00:00Z' })
    .transform((time) => new Date(time).toISOString())
    .nullable()
    .optional(),
});

const metaSource = z.strictObject({
  page_id: metaId,
  form_id: metaId.nullish().describe('Every form of the page when not given'),
});

const text = z.string().trim().min(1).max(200);
const integrations = z
  .strictObject({
    whatsapp_enabled: z.boolean(),
    google_sheets_enabled: z.boolean(),
    google_sheet_id: z
      .string()
      .trim()
      .regex(/^[\w-]{1,200}$/, { message: 'must be the id alone, not the sheet’s address' })
      .nullable(),
    meta_page_id: metaId.nullable(),
    meta_form_id: metaId.nullable(),
    whatsapp: z
      .strictObject({
        phone_number_id: text.nullable(),
        waba_id: text.nullable(),
        access_token: secretReference,
        template: templateConfigSchema.nullable(),
      })
      .partial(),
    google_sheets: z
      .strictObject({
        sheet_name: z.string().min(1).max(100).nullable(),
        columns: z.array(text).min(1).max(200).nullable(),
        service_account: secretReference,
      })
      .partial(),
    meta: z.strictObject({ page_access_token: secretReference }).partial(),
  })
  .partial()
  .describe('What is not given stays as it is; null clears');

const client = z.strictObject({
  client_id: z.string().regex(/^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/, {
    message: 'must be 1–64 of a–z, 0–9, "_" or "-", with a letter or digit at both ends',
  }),
  name,
  status: z.enum(CLIENT_STATUSES).optional(),
  default_country: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/, { message: 'must be two letters (ISO 3166-1), e.g. DE' })
    .nullable()
    .optional(),
  members: z.array(member).default([]),
  products: z.array(clientProduct).default([]),
  api_keys: z.array(apiKey).default([]),
  meta_sources: z.array(metaSource).default([]),
  integrations: integrations.optional(),
});

/** One YAML document as people write it; `leadctl apply --help` tells how it is read. */
export const manifestSchema = z.strictObject({
  apiVersion: z.literal('leadctl/v1'),
  set: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, {
      message: 'must be 1–64 of a–z, 0–9, ".", "_" or "-", with a letter or digit at both ends',
    })
    .optional()
    .describe('What --prune may remove: only what this set made'),
  roles: z.array(role).default([]),
  industries: z.array(industry).default([]),
  clients: z.array(client).default([]),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestInput = z.input<typeof manifestSchema>;
export type RoleSpec = Manifest['roles'][number];
export type IndustrySpec = Manifest['industries'][number];
export type ClientSpec = Manifest['clients'][number];
export type MemberSpec = ClientSpec['members'][number];
export type ApiKeySpec = ClientSpec['api_keys'][number];
export type IntegrationsSpec = NonNullable<ClientSpec['integrations']>;
