import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface NewApiKey {
  /** `{prefix}_live_{random}`: shown once, never stored. */
  readonly key: string;
  /** What may be shown later: the key's first characters. */
  readonly keyPrefix: string;
  /** SHA-256 of `key` in hex: what is stored. */
  readonly hash: string;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// The six that stay visible leave 28 secret ones: 28 × log2(62) = 166 bits.
const RANDOM_CHARACTERS = 34;
const VISIBLE_CHARACTERS = 6;

/** What an API key's prefix may be. */
export const apiKeyPrefixPattern = /^[a-z0-9]{1,16}$/;

/** A new API key. Throws when `prefix` does not match `apiKeyPrefixPattern`. */
export function newApiKey(prefix: string): NewApiKey {
  if (!apiKeyPrefixPattern.test(prefix)) {
    throw new RangeError('An API key prefix is 1 to 16 lower-case letters or digits.');
  }
  const random = randomBase62(RANDOM_CHARACTERS);
  const key = `${prefix}_live_${random}`;
  return {
    key,
    keyPrefix: key.slice(0, key.length - RANDOM_CHARACTERS + VISIBLE_CHARACTERS),
    hash: sha256Hex(key),
  };
}

const MACHINE_TOKEN_PREFIX = 'lsk_';
/** Six of them stay visible; the others are 202 secret bits. */
const MACHINE_TOKEN_CHARACTERS = 40;

export interface NewMachineToken {
  /** `lsk_{random}`: shown once, never stored. */
  readonly token: string;
  readonly tokenPrefix: string;
  /** SHA-256 of `token`: what is stored. */
  readonly hash: Buffer;
}

export function newMachineToken(): NewMachineToken {
  const token = MACHINE_TOKEN_PREFIX + randomBase62(MACHINE_TOKEN_CHARACTERS);
  const tokenPrefix = token.slice(0, MACHINE_TOKEN_PREFIX.length + VISIBLE_CHARACTERS);
  return { token, tokenPrefix, hash: sha256(token) };
}

/** Whether a bearer token means to be a machine's: a JWT never begins like one. */
export const isMachineToken = (bearer: string): boolean => /^lsk_[0-9A-Za-z]{40}$/.test(bearer);

/** Random text of `length` characters, each of 62 equally likely. */
function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 = 4 × 62: the rest of the byte's range would favour the first letters.
      if (byte < 248 && text.length < length) text += BASE62.charAt(byte % 62);
    }
  }
  return text;
}

export function sha256(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

export function sha256Hex(text: string | Uint8Array): string {
  // In one call, without a stream of which a digest would be the end.
  return hash('sha256', text, 'hex');
}

/** Compares without telling by its time where, or by how much, the two differ. */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}
