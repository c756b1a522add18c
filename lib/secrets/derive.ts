import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/**
 * A key for one purpose (HKDF-SHA256, as url-safe base64): who holds it learns neither the secret
 * that it comes from nor the key of any other purpose.
 */
export function deriveKey(secret: string, purpose: string): string {
  const key = hkdfSync('sha256', secret, '', purpose, KEY_BYTES);
  return Buffer.from(key).toString('base64url');
}
