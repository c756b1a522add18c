import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskEmail, maskPersonal, maskPhone, maskText } from './mask.ts';

test('an address shows its first letter and its domain', () => {
  expect(maskEmail('anna.berg@example.com')).toBe('a***@example.com');
  expect(maskEmail('no address')).toBe('***');
});

test('a number shows two digits at each end', () => {
  expect(maskPhone('+49 151 2345678')).toBe('+49***78');
  expect(maskPhone('12345')).toBe('***');
});

test.each([
  ['Anna Berg', 'A***'],
  ['anna@example.com', 'a***@example.com'],
  ['+4915123456789', '+49***89'],
  ['0151 2345678', '01***78'],
  ['😀 smile', '😀***'],
  ['', ''],
])('the value %j is shown as %j', (value, shown) => {
  expect(maskPersonal(value)).toBe(shown);
});

test('a text loses secrets, tokens, addresses and numbers, and keeps ids', () => {
  const masked = maskText(
    'Malformed token s3cr3t or EAAGm0PX4ZCpsBAKZCTokenTokenToken; Bearer abc.def; ' +
      '?access_token=xyz&a=1; to +49 151 2345678 and anna@example.com, object 106540352242922',
    ['s3cr3t', ''],
  );
  expect(masked).toBe(
    'Malformed token *** or ***; Bearer ***; ' +
      '?access_token=***&a=1; to +49***78 and a***@example.com, object 106540352242922',
  );
});

test('no secret survives, wherever it stands', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const secret = 'hunter2-hunter2';
      expect(maskText(before + secret + after, [secret])).not.toContain(secret);
    }),
  );
});
