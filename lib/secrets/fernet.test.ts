import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createKeyring, encryptFernet, parseKey } from './fernet.ts';

const vectorSchema = z.object({
  desc: z.string().optional(),
  token: z.string(),
  now: z.string().transform((text) => new Date(text)),
  ttl_sec: z.number().optional(),
  iv: z.array(z.number()).optional(),
  src: z.string().optional(),
  secret: z.string(),
});

function vectors(name: string) {
  const text = readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), 'utf8');
  return z.array(vectorSchema).nonempty().parse(JSON.parse(text));
}

const keyOf = (byte: number) =>
  Buffer.alloc(32, byte).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

describe('the Fernet specification', () => {
  test.each(vectors('generate'))('generates $token', ({ secret, src, now, iv, token }) => {
    expect(encryptFernet(parseKey(secret), src ?? '', now, Uint8Array.from(iv ?? []))).toBe(token);
  });

  test.each(vectors('verify'))('verifies $token', ({ secret, token, now, ttl_sec, src }) => {
    const opened = createKeyring([secret]).decrypt(token, { ttlS: ttl_sec ?? 0, now });
    expect(opened).toMatchObject({ ok: true, plaintext: src });
  });

  const reasons: Readonly<Record<string, string>> = {
    'incorrect mac': 'unknown_key',
    'far-future TS (unacceptable clock skew)': 'from_the_future',
    'expired TTL': 'expired',
  };
  test.each(vectors('invalid'))('refuses: $desc', ({ desc = '', secret, token, now, ttl_sec }) => {
    const opened = createKeyring([secret]).decrypt(token, { ttlS: ttl_sec ?? 0, now });
    expect(opened).toEqual({ ok: false, reason: reasons[desc] ?? 'malformed' });
  });
});

describe('a key ring', () => {
  test('opens what it encrypted, whatever the text', () => {
    const ring = createKeyring([keyOf(1)]);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(ring.decrypt(ring.encrypt(text))).toMatchObject({ ok: true, plaintext: text });
      }),
    );
  });

  test('takes no token in which one character was changed', () => {
    const ring = createKeyring([keyOf(1)]);
    const token = ring.encrypt('secret');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'b', '_', '=', ' '), (at, by) => {
        fc.pre(token[at] !== by);
        expect(ring.decrypt(token.slice(0, at) + by + token.slice(at + 1)).ok).toBe(false);
      }),
    );
  });

  test('has no time limit unless one is asked for', () => {
    const ring = createKeyring([keyOf(1)]);
    const token = ring.encrypt('old', new Date('2001-01-01T00:00:00Z'));
    expect(ring.decrypt(token)).toMatchObject({ ok: true });
    expect(ring.decrypt(token, { ttlS: 60 })).toEqual({ ok: false, reason: 'expired' });
  });

  test('rotates to the newest key and keeps the time', () => {
    const before = createKeyring([keyOf(1)]);
    const token = before.encrypt('secret', new Date('2026-01-02T03:04:05Z'));
    const rotated = createKeyring([keyOf(2), keyOf(1)]).rotate(token);
    expect(rotated).toMatchObject({ ok: true, changed: true });
    if (!rotated.ok) return;
    expect(createKeyring([keyOf(2)]).decrypt(rotated.token)).toEqual({
      ok: true,
      plaintext: 'secret',
      issuedAt: new Date('2026-01-02T03:04:05Z'),
    });
    expect(before.decrypt(rotated.token)).toEqual({ ok: false, reason: 'unknown_key' });
  });

  test('leaves a token alone that is under the newest key already', () => {
    const ring = createKeyring([keyOf(2), keyOf(1)]);
    const token = ring.encrypt('secret');
    expect(ring.rotate(token)).toEqual({ ok: true, token, changed: false });
  });

  test('says which key is none without showing it', () => {
    expect(() => createKeyring([keyOf(1), 'not-a-key'])).toThrow(/key 2 is not 32 bytes/);
    expect(() => createKeyring([keyOf(1), 'not-a-key'])).not.toThrow(/not-a-key/);
    expect(() => createKeyring([])).toThrow(/at least one/);
  });
});
