import { z } from 'zod';

const secret = (what: string) =>
  z.string().min(32, { message: `${what} must have at least 32 characters` });

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const jwtSecrets = list.pipe(
  z
    .array(
      z.string().transform((item, context) => {
        const [, kid, key] = /^([\w-]+):(.{32,})$/.exec(item) ?? [];
        if (kid === undefined || key === undefined) {
          context.addIssue('must be kid:secret,… with secrets of at least 32 characters');
          return z.NEVER;
        }
        return { kid, secret: key };
      }),
    )
    .min(1),
);

const milliseconds = z.coerce.number().int().positive();
const count = z.coerce.number().int().positive();

/** Settings by concern; a daemon's schema spreads the shapes it needs. The text is its documentation. */
export const databaseSettings = z.object({
  DATABASE_URL: z
    .url()
    .describe(
      'PostgreSQL, e.g. postgres://leadctl_lead:password@host:5432/leadctl; a daemon takes all of it but the user’s name, which is always its own login’s',
    ),
  DATABASE_POOL_MAX: count.default(8).describe('Connections a daemon may open'),
});

export const loginSettings = z.object({
  DATABASE_LOGIN_SECRET: secret('DATABASE_LOGIN_SECRET')
    .optional()
    .describe(
      'The password of each service’s logins in PostgreSQL follows from it; for `leadctl migrate`, which sets them, and for a process that runs several daemons',
    ),
});

/** Where operators look; what is not configured is not even loaded. */
const telemetrySettings = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Collector of traces (OTLP over HTTP), e.g. http://collector:4318; none by default'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .optional()
    .describe('What is sent to it besides, `name=value,…`, e.g. an authorization'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of traces that are recorded, 0 to 1'),
  SENTRY_DSN: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where errors are reported: a Sentry project, or what takes its envelopes'),
  SENTRY_ENVIRONMENT: z
    .string()
    .default('production')
    .describe('What reported errors are filed under'),
});

export const hostSettings = z.object({
  ...databaseSettings.shape,
  INTERNAL_SECRET: secret('INTERNAL_SECRET')
    .optional()
    .describe(
      'Signs the identity that the gateway hands to daemons; for the gateway, and for a process that runs several daemons',
    ),
  INTERNAL_KEY: z
    .string()
    .regex(/^[\w-]{43}\.[\w-]{43}$/, {
      message: 'must be two keys of 43 characters with a dot between',
    })
    .optional()
    .describe(
      'In place of INTERNAL_SECRET for a daemon in a process of its own: verifies what is meant for it alone; `leadctl secrets env` derives it',
    ),
  ...loginSettings.shape,
  ...telemetrySettings.shape,
  HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severe log line that is written'),
  NODE_ENV: z
    .string()
    .default('development')
    .describe('`production` skips checking our own answers'),
  MAX_BODY_BYTES: count
    .default(262_144)
    .describe('Largest request body, unless a route says otherwise'),
});

export const tokenSettings = z.object({
  JWT_SECRETS: jwtSecrets.describe('`kid:secret,…`, newest first: signs access and refresh tokens'),
  ACCESS_TOKEN_TTL_S: count.default(1_800).describe('Lifetime of an access token'),
  REFRESH_TOKEN_TTL_S: count.default(604_800).describe('Lifetime of a refresh token'),
});

export const authSettings = z.object({
  REGISTRATION: z.enum(['open', 'closed']).default('open').describe('May anybody register?'),
  REGISTRATIONS_PER_HOUR: count
    .default(5)
    .describe('Users that an address may register in an hour'),
  BCRYPT_ROUNDS: z.coerce
    .number()
    .int()
    .min(4)
    .max(16)
    .default(12)
    .describe('Cost of a password hash'),
});

export const mailSettings = z.object({
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8000')
    .describe('Where people reach the gateway: links in invitations and mails begin with it'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, { message: 'must be smtp://… or smtps://…' })
    .refine((text) => URL.canParse(text), {
      message: 'cannot be read: percent-encode what is special in user and password',
    })
    .optional()
    .describe(
      'Mail server, e.g. smtps://user:password@host; without it links are shown to the inviter, and destinations of kind `email` wait',
    ),
  MAIL_FROM: z
    .string()
    .min(3)
    .optional()
    .describe('Sender of mails, e.g. `Leads <leads@example.com>`; needed with SMTP_URL'),
});

export const sealingSettings = z.object({
  FERNET_KEYS: list
    .pipe(
      z
        .array(z.string().regex(/^[\w-]{43}=$/, { message: 'must be url-safe base64 of 32 bytes' }))
        .min(1),
    )
    .describe('Comma-separated, newest first: encrypt integration and authenticator secrets'),
});

export const metaSettings = z.object({
  META_APP_SECRET: z
    .string()
    .min(8)
    .describe('The Meta app’s secret: verifies webhooks, proves Graph calls'),
  META_APP_ID: z
    .string()
    .regex(/^\d+$/)
    .optional()
    .describe('The Meta app’s id: lets checks look into tokens'),
  META_VERIFY_TOKEN: z.string().min(8).describe('What Meta must say at the webhook handshake'),
});

export const providerSettings = z.object({
  GRAPH_BASE_URL: z
    .url()
    .default('https://graph.facebook.com')
    .describe('Graph API without version'),
  WHATSAPP_BASE_URL: z
    .url()
    .default('https://graph.facebook.com')
    .describe('WhatsApp Cloud API without version'),
  GRAPH_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/)
    .default('v25.0')
    .describe('Version of both'),
  GOOGLE_SHEETS_BASE_URL: z
    .url()
    .default('https://sheets.googleapis.com')
    .describe('Google Sheets API'),
  GOOGLE_TOKEN_URL: z
    .url()
    .default('https://oauth2.googleapis.com/token')
    .describe('Google’s OAuth token endpoint'),
  PROVIDER_TIMEOUT_MS: milliseconds
    .default(10_000)
    .describe('After it a provider call has an unknown outcome'),
  DESTINATION_ALLOW: list
    .optional()
    .describe(
      'Inner addresses that webhooks of clients may reach, comma-separated: `host:port` or a range such as 10.0.0.0/8; without it public ones only',
    ),
});

export const messagingSettings = z.object({
  WHATSAPP_PER_RECIPIENT_PER_DAY: count
    .default(5)
    .describe(
      'Messages that a client sends to one number within 24 hours; past it they are skipped',
    ),
});

export const jobSettings = z.object({
  JOBS_URL: z
    .string()
    .regex(/^(?:postgres(?:ql)?|mongodb(?:\+srv)?):\/\//, {
      message: 'must be postgres://… or mongodb://…',
    })
    .optional()
    .describe(
      'Where Agenda keeps its jobs: postgres://… (default: DATABASE_URL, as the worker’s own login; elsewhere as the user that it names) or mongodb://…',
    ),
});

export const retentionSettings = z.object({
  IDEMPOTENCY_KEEP_HOURS: count
    .default(48)
    .describe('How long a repeated Idempotency-Key gets the first answer again'),
  EVENTS_KEEP_DAYS: count
    .default(365)
    .describe('How far back a lead’s timeline goes; what is not worked off yet stays longer'),
  REFUSALS_KEEP_DAYS: count
    .default(30)
    .describe('How long the counts of refused posts of leads are kept, with their addresses'),
  SECURITY_EVENTS_KEEP_DAYS: count
    .default(90)
    .describe('How long the audit log keeps what strangers tried, with their addresses'),
});

export const sharedLimitSettings = z.object({
  LIMITS_URL: z
    .string()
    .regex(/^(?:(?:postgres(?:ql)?|mongodb(?:\+srv)?|rediss?):\/\/|memory:)/, {
      message: 'must be postgres://…, mongodb://…, redis://… or memory:',
    })
    .optional()
    .describe(
      'Where processes share what they counted: mongodb://…, redis://…, postgres://… (migrated, its user may write limit_counts; default: DATABASE_URL) or, each for itself, memory:',
    ),
});

export const secondFactorSettings = z.object({
  REQUIRE_ADMIN_TOTP: z
    .stringbool()
    .default(false)
    .describe('`true`: an admin without an authenticator app may do nothing but set one up'),
});

export const limitSettings = z.object({
  INGEST_QUEUE_MAX: count.default(5_000).describe('Leads that may wait for a commit; past it 503'),
  RATE_LIMIT_PER_MINUTE: count.default(6_000).describe('Requests a user may make'),
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: count
    .default(600)
    .describe(
      'Requests an address may make without a token; as many calls of /api/auth, wrong tokens and unknown API keys, each counted apart',
    ),
  TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Proxies of ours before the gateway, whose X-Forwarded-For and -Proto are believed'),
});

export const exposureSettings = z.object({
  DOCS: z
    .enum(['private', 'public'])
    .default('private')
    .describe('Who may read `/docs` and `/openapi.json` at the gateway'),
  EXPOSE_OPERATIONS: z
    .enum(['private', 'public'])
    .default('private')
    .describe(
      'Who may read `/metrics` and the details of `/ready` at the gateway: `private` is this machine, administrators, and who sends OPERATIONS_TOKEN',
    ),
  OPERATIONS_TOKEN: secret('OPERATIONS_TOKEN')
    .optional()
    .describe('What a monitor sends as `Authorization: Bearer …` to see what is private'),
  HSTS: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      'Strict-Transport-Security: `auto` sends it when a trusted proxy says that the caller came by https',
    ),
});

/** A configuration that cannot start anything; its message names every setting at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads settings from `env`; throws ConfigError naming all that is missing or wrong, never a value. */
export function loadConfig<S extends z.ZodObject>(
  env: Readonly<Record<string, string | undefined>>,
  schema: S,
): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const about = schema.shape[name]?.description ?? '';
    return name in given ? `  ${name}: ${issue.message}` : `  ${name} is not set. ${about}`;
  });
  throw new ConfigError(`Settings are missing or wrong:\n${[...new Set(lines)].join('\n')}`);
}
