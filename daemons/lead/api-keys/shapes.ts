import { z } from 'zod';
import { label, namesSomething } from '../../../lib/contract/refinements.ts';
import { idSchema } from '../../../lib/core/ids.ts';
import { time } from '../../../lib/contract/shapes.ts';

export const API_KEY_SCOPES = ['leads:ingest', 'leads:read'] as const;

const PART = '(?:xn--[a-z0-9-]*[a-z0-9]|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)';
const NAME = `${PART}(?:[.]${PART})*`;
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `${OCTET}(?:[.]${OCTET}){3}`;

/** As a browser sends it, or it would never match: lower case, no default port, nothing after the host. */
const originSchema = z
  .string()
  .max(300)
  .superRefine((text, context) => {
    const origin = originOf(text);
    if (origin === text) return;
    const message =
      origin === undefined
        ? 'must be an origin: scheme and host, no path and no *, e.g. https://acme.example'
        : `is not what a browser sends; write it as ${origin}`;
    context.addIssue({ code: 'custom', message });
  })
  // Of what is taken, the usual: a name or an IPv4 address, a port of four or five digits.
  .meta({ pattern: `^https?://(?:${NAME}|${IPV4})(?::(?:[1-9][0-9]{3}|[1-5][0-9]{4}))?$` });

function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  return url.host.includes('*') ? undefined : url.origin;
}

const perMinute = z.int().positive().max(1_000_000);
/** Of leads; a public website key is known to anybody who looks at the page. */
const DEFAULT_PER_MINUTE = 600;

export const newApiKey = z.strictObject({
  name: label(100),
  prefix: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/, { message: 'must be 1–16 of a–z and 0–9' })
    .optional(),
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1).default(['leads:ingest']),
  expires_at: time.optional(),
  allowed_origins: z.array(originSchema).max(50).default([]),
  rate_limit_per_minute: perMinute
    .nullable()
    .default(DEFAULT_PER_MINUTE)
    .describe('Most leads a minute; null for no limit'),
});
export type NewApiKey = z.output<typeof newApiKey>;

export const apiKeyChange = namesSomething(
  z
    .strictObject({
      scopes: z.array(z.enum(API_KEY_SCOPES)).min(1),
      allowed_origins: z.array(originSchema).max(50),
      rate_limit_per_minute: perMinute.nullable(),
      expires_at: time.nullable(),
    })
    .partial(),
);
export type ApiKeyChange = z.output<typeof apiKeyChange>;

export const apiKey = z.object({
  id: idSchema,
  client_id: z.string(),
  name: z.string(),
  key_prefix: z.string(),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  allowed_origins: z.array(z.string()),
  rate_limit_per_minute: z.int().nullable(),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  last_used_at: time.nullable(),
});
export type ApiKey = z.input<typeof apiKey>;
export const apiKeyWithSecret = apiKey.extend({ key: z.string() });
