import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { constantTimeEqual } from './tokens.ts';

/** Why a token did not open. `unknown_key`: its signature fits none of the ring's keys. */
export type FernetFailure = 'malformed' | 'unknown_key' | 'expired' | 'from_the_future';

export type Decrypted =
  | { readonly ok: true; readonly plaintext: string; readonly issuedAt: Date }
  | { readonly ok: false; readonly reason: FernetFailure };

export type Rotated =
  | { readonly ok: true; readonly token: string; readonly changed: boolean }
  | { readonly ok: false; readonly reason: FernetFailure };

export interface DecryptOptions {
  /** Refuse tokens older than this many seconds, and those from more than 60 s ahead. */
  readonly ttlS?: number;
  readonly now?: Date;
}

export interface Keyring {
  /** Encrypts under the newest key; the token carries `now` in whole seconds. */
  encrypt(plaintext: string, now?: Date): string;
  /** Opens a token made under any key of the ring. */
  decrypt(token: string, options?: DecryptOptions): Decrypted;
  /** The same secret under the newest key, its time kept; unchanged when it is there already. */
  rotate(token: string): Rotated;
}

interface FernetKey {
  readonly signing: Buffer;
  readonly encryption: Buffer;
}

interface Envelope {
  readonly signed: Buffer;
  readonly issuedAt: Date;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly mac: Buffer;
}

const VERSION = 0x80;
const HEADER_BYTES = 1 + 8 + 16;
const MAC_BYTES = 32;
const BLOCK_BYTES = 16;
const SKEW_S = 60;
const MAX_DATE_S = 8_640_000_000_000n;

/**
 * A ring of Fernet keys (github.com/fernet/spec), the newest first. A key is 32 bytes in padded
 * base64url. Throws when the ring is empty or a key is no key, saying which, never what it is.
 */
export function createKeyring(keys: readonly string[]): Keyring {
  const ring = keys.map((key, index) => parseKey(key, index));
  const [newest] = ring;
  if (newest === undefined) {
    throw new Error('No Fernet key given: at least one is needed, the newest first.');
  }

  const decrypt = (token: string, options: DecryptOptions = {}): Decrypted => {
    const envelope = readEnvelope(token);
    if (envelope === null) return { ok: false, reason: 'malformed' };
    const key = ring.find((candidate) => isSignedBy(candidate, envelope));
    if (key === undefined) return { ok: false, reason: 'unknown_key' };
    const untimely = checkTime(envelope.issuedAt, options);
    if (untimely !== null) return { ok: false, reason: untimely };
    const plaintext = decryptBody(key, envelope);
    if (plaintext === null) return { ok: false, reason: 'malformed' };
    return { ok: true, plaintext, issuedAt: envelope.issuedAt };
  };

  return {
    encrypt: (plaintext, now = new Date()) => encryptFernet(newest, plaintext, now),
    decrypt,
    rotate(token) {
      const opened = decrypt(token);
      if (!opened.ok) return opened;
      const envelope = readEnvelope(token);
      if (envelope !== null && isSignedBy(newest, envelope)) {
        return { ok: true, token, changed: false };
      }
      const rotated = encryptFernet(newest, opened.plaintext, opened.issuedAt);
      return { ok: true, token: rotated, changed: true };
    },
  };
}

/** Reads one key of a ring; `index` is only for the error. */
export function parseKey(key: string, index = 0): FernetKey {
  const bytes = fromBase64Url(key);
  if (bytes === null || bytes.length !== 32) {
    throw new Error(
      `Fernet key ${index + 1} is not 32 bytes in padded base64url: make one with ` +
        `node -e "console.log(crypto.randomBytes(32).toString('base64').replaceAll('+','-').replaceAll('/','_'))"`,
    );
  }
  return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) };
}

/** One token from its parts. Only tests pass `iv`: a repeated one gives secrets away. */
export function encryptFernet(
  key: FernetKey,
  plaintext: string,
  issuedAt: Date,
  iv: Uint8Array = randomBytes(16),
): string {
  const head = Buffer.alloc(9);
  head.writeUInt8(VERSION);
  head.writeBigUInt64BE(BigInt(Math.floor(issuedAt.getTime() / 1000)), 1);
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv);
  const body = Buffer.concat([head, iv, cipher.update(plaintext, 'utf8'), cipher.final()]);
  return toBase64Url(Buffer.concat([body, macOf(key, body)]));
}

function readEnvelope(token: string): Envelope | null {
  const bytes = fromBase64Url(token);
  if (bytes === null || bytes.length < HEADER_BYTES + BLOCK_BYTES + MAC_BYTES) return null;
  if ((bytes.length - HEADER_BYTES - MAC_BYTES) % BLOCK_BYTES !== 0) return null;
  const seconds = bytes.readBigUInt64BE(1);
  if (bytes[0] !== VERSION || seconds > MAX_DATE_S) return null;
  const signed = bytes.subarray(0, -MAC_BYTES);
  return {
    signed,
    issuedAt: new Date(Number(seconds) * 1000),
    iv: bytes.subarray(9, HEADER_BYTES),
    ciphertext: signed.subarray(HEADER_BYTES),
    mac: bytes.subarray(-MAC_BYTES),
  };
}

function checkTime(issuedAt: Date, { ttlS, now = new Date() }: DecryptOptions) {
  if (ttlS === undefined) return null;
  const ageS = Math.floor(now.getTime() / 1000) - issuedAt.getTime() / 1000;
  if (ageS > ttlS) return 'expired' as const;
  return ageS < -SKEW_S ? ('from_the_future' as const) : null;
}

function decryptBody(key: FernetKey, { iv, ciphertext }: Envelope): string | null {
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, iv);
  try {
    const bytes = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isSignedBy(key: FernetKey, { signed, mac }: Envelope): boolean {
  return constantTimeEqual(macOf(key, signed), mac);
}

function macOf(key: FernetKey, body: Buffer): Buffer {
  return createHmac('sha256', key.signing).update(body).digest();
}

function toBase64Url(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

// Buffer skips what it does not know, so only text that encodes back to itself is taken.
function fromBase64Url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return toBase64Url(bytes) === text ? bytes : null;
}
