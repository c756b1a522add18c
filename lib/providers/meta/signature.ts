import { createHmac } from 'node:crypto';
import { constantTimeEqual } from '../../secrets/tokens.ts';

/** The `X-Hub-Signature-256` value for a body, as Meta makes it. */
export function signWebhook(rawBody: Uint8Array, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(rawBody).digest('hex')}`;
}

/**
 * Whether Meta signed these bytes. They have to be the bytes as received: Meta signs its own
 * escaped form of JSON, which a parsed and re-written body does not reproduce.
 */
export function verifyWebhook(
  rawBody: Uint8Array,
  header: string | undefined,
  appSecret: string,
): boolean {
  if (header === undefined || appSecret === '') return false;
  return constantTimeEqual(header, signWebhook(rawBody, appSecret));
}

/** `appsecret_proof`: shows that a call's sender has the app's secret, not just a token. */
export function appSecretProof(accessToken: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(accessToken).digest('hex');
}
