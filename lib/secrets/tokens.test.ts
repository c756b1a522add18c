import { expect, test } from 'vitest';
import { constantTimeEqual, newApiKey, sha256Hex } from './tokens.ts';

test('an API key keeps more than 160 bits behind what stays visible', () => {
  const { key, keyPrefix, hash } = newApiKey('acme');
  expect(key).toMatch(/^acme_live_[0-9A-Za-z]{34}$/);
  expect(key.startsWith(keyPrefix)).toBe(true);
  expect((key.length - keyPrefix.length) * Math.log2(62)).toBeGreaterThan(160);
  expect(hash).toBe(sha256Hex(key));
});

test('API keys do not repeat', () => {
  expect(new Set(Array.from({ length: 500 }, () => newApiKey('a').key)).size).toBe(500);
});

test.each(['', 'Acme', 'a_b', 'a'.repeat(17)])('the prefix %j is refused', (prefix) => {
  expect(() => newApiKey(prefix)).toThrow(RangeError);
});

test('SHA-256 is the one that everybody knows', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('constant-time equality holds for texts and bytes of any length', () => {
  expect(constantTimeEqual('same', Buffer.from('same'))).toBe(true);
  expect(constantTimeEqual('same', 'sameness')).toBe(false);
  expect(constantTimeEqual('', 'x')).toBe(false);
});
