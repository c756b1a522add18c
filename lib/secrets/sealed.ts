import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { FernetFailure, Keyring } from './fernet.ts';

/** The row a secret belongs to. `field` names it within the client: `meta.page_access_token`. */
export interface Binding {
  readonly clientId: string;
  readonly field: string;
}

/** `wrong_row`: a whole token, but sealed for another client or field. */
export type OpenFailure = FernetFailure | 'wrong_row';

export type Opened =
  | { readonly ok: true; readonly secret: string; readonly sealedAt: Date }
  | { readonly ok: false; readonly reason: OpenFailure };

const sealedSchema = z.strictObject({ c: z.string(), f: z.string(), s: z.string() });

/**
 * Encrypts a secret together with the row it belongs to, so that a token copied into another
 * client's row does not open there. `keyring.rotate` works on the result as on any token.
 */
export function sealFor(keyring: Keyring, binding: Binding, secret: string): string {
  const sealed = { c: binding.clientId, f: binding.field, s: secret };
  return keyring.encrypt(JSON.stringify(sealed satisfies z.infer<typeof sealedSchema>));
}

/** Opens what `sealFor` made, only for the row it was made for. */
export function openFor(keyring: Keyring, binding: Binding, token: string): Opened {
  const decrypted = keyring.decrypt(token);
  if (!decrypted.ok) return decrypted;
  const sealed = parseSealed(decrypted.plaintext);
  if (sealed === null) return { ok: false, reason: 'malformed' };
  if (sealed.c !== binding.clientId || sealed.f !== binding.field) {
    return { ok: false, reason: 'wrong_row' };
  }
  return { ok: true, secret: sealed.s, sealedAt: decrypted.issuedAt };
}

/** Public: it only keeps these marks apart from other uses of the same hash. */
const FINGERPRINT_KEY = 'leadctl secret fingerprint v1';

/**
 * A short mark by which whoever holds a secret can tell whether the platform holds the same one. It
 * depends on nothing that only the server knows, so that a manifest can be compared without sending
 * its secrets; guessing a secret from it takes as long as guessing the secret, which for providers'
 * tokens and keys is for ever. The binding keeps equal secrets of two clients from being seen as equal.
 * White space around the secret does not count.
 */
export function fingerprint(binding: Binding, secret: string): string {
  const message = JSON.stringify([binding.clientId, binding.field, secret.trim()]);
  return createHmac('sha256', FINGERPRINT_KEY).update(message).digest('hex').slice(0, 32);
}

function parseSealed(plaintext: string) {
  try {
    return sealedSchema.safeParse(JSON.parse(plaintext)).data ?? null;
  } catch {
    return null;
  }
}
