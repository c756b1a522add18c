import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A signing secret as the Standard Webhooks specification writes it: `whsec_` and base64. */
export function newSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** Whether `text` is a signing secret of 24 to 64 bytes, as the specification demands. */
export function isSigningSecret(text: string): boolean {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && bytes.length >= 24 && bytes.length <= 64;
}

/**
 * The headers of a signed message (standardwebhooks.com, "Webhook signatures"). While a secret is
 * being replaced both sign, so that a receiver may go over at any moment of the overlap.
 */
export function signedHeaders(message: {
  /** Stays the same however often the message is sent; what a receiver tells repeats by. */
  readonly id: string;
  readonly at: Date;
  readonly body: string;
  /** Newest first. */
  readonly secrets: readonly string[];
}): Record<string, string> {
  const timestamp = String(Math.floor(message.at.getTime() / 1000));
  const content = `${message.id}.${timestamp}.${message.body}`;
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': message.secrets.map((secret) => `v1,${sign(secret, content)}`).join(' '),
  };
}

function sign(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
