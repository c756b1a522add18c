import { expect, test } from 'vitest';
import { createKeyring } from './fernet.ts';
import { fingerprint, openFor, sealFor } from './sealed.ts';

const ring = createKeyring([Buffer.alloc(32, 7).toString('base64')]);
const row = { clientId: 'acme', field: 'whatsapp.access_token' };

test('a sealed secret opens for its own row', () => {
  const token = sealFor(ring, row, 'EAAG-secret');
  expect(openFor(ring, row, token)).toMatchObject({ ok: true, secret: 'EAAG-secret' });
});

test.each([
  { clientId: 'other', field: row.field },
  { clientId: 'acme', field: 'meta.page_access_token' },
])('a token moved to $clientId/$field does not open', (elsewhere) => {
  const token = sealFor(ring, row, 'EAAG-secret');
  expect(openFor(ring, elsewhere, token)).toEqual({ ok: false, reason: 'wrong_row' });
});

test('a token that was not sealed for any row does not open', () => {
  const reason = 'malformed';
  expect(openFor(ring, row, ring.encrypt('EAAG-secret'))).toEqual({ ok: false, reason });
});

test('a fingerprint changes with the secret, the row and the key, and with nothing else', () => {
  const mark = fingerprint('k', row, 'secret');
  expect(fingerprint('k', { ...row }, 'secret')).toBe(mark);
  expect(mark).toMatch(/^[0-9a-f]{16}$/);
  const others = [
    fingerprint('k', row, 'secret2'),
    fingerprint('k', { ...row, clientId: 'other' }, 'secret'),
    fingerprint('k2', row, 'secret'),
  ];
  expect(others).not.toContain(mark);
});
