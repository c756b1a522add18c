import { z } from 'zod';
import { isSigningSecret } from '../../../../lib/providers/webhook/signature.ts';

const MOST_HEADERS = 20;

/** Of the connection and not of the message (RFC 9110, 7.6.1), or written by the sender alone. */
const NOT_YOURS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'user-agent',
]);

const headerName = z
  .string()
  .max(100)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, { message: 'is no name of a header' })
  .refine((name) => !NOT_YOURS.has(name.toLowerCase()) && !/^webhook-/i.test(name), {
    message: 'is a header that leadctl or the connection sets',
  });

const headerValue = z
  .string()
  .max(4_000)
  .regex(/^[\t\x20-\x7e]*$/, { message: 'must be printable ASCII without line breaks' });

const headers = z
  .record(headerName, headerValue)
  .refine((given) => Object.keys(given).length <= MOST_HEADERS, {
    message: `at most ${MOST_HEADERS} headers`,
  })
  .refine((given) => isDistinct(Object.keys(given)), { message: 'a header is there twice' });

const url = z.string().trim().max(2_000).refine(isPlainUrl, {
  message: 'must be http://… or https://… without user, password or #fragment',
});

export const webhookSettings = z.strictObject({
  url: url.describe('Where each lead is posted to').meta({
    format: 'uri',
    examples: ['https://crm.example.com/hooks/leads'],
  }),
  headers: headers
    .optional()
    .describe(
      'Sent along with each post, such as Authorization; whoever may read the destination can read them',
    )
    .meta({ examples: [{ Authorization: 'Bearer …' }] }),
});
export type WebhookSettings = z.output<typeof webhookSettings>;

export const signingSecret = z.string().trim().refine(isSigningSecret, {
  message: 'must be whsec_ and the base64 of 24 to 64 bytes',
});

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  const isHttp = protocol === 'https:' || protocol === 'http:';
  return isHttp && username === '' && password === '' && hash === '';
}

function isDistinct(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}
