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

test('a fingerprint changes with the secret and the row, and with nothing else', () => {
  const mark = fingerprint(row, 'secret');
  expect(fingerprint({ ...row }, ' secret\n')).toBe(mark);
  const others = [
    fingerprint(row, 'secret2'),
    fingerprint({ ...row, clientId: 'other' }, 'secret'),
    fingerprint({ ...row, field: 'other' }, 'secret'),
  ];
  expect(new Set([mark, ...others]).size).toBe(4);
  expect(mark).toMatch(/^[0-9a-f]{32}$/);
});
