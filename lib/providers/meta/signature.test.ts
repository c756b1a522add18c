import { expect, test } from 'vitest';
import { appSecretProof, signWebhook, verifyWebhook } from './signature.ts';

const body = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
const signature = 'sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756';

test('the check vector is signed and verified', () => {
  expect(signWebhook(body, 'test_app_secret')).toBe(signature);
  expect(verifyWebhook(body, signature, 'test_app_secret')).toBe(true);
});

test.each([
  ['another secret', body, signature, 'other'],
  ['no secret', body, signWebhook(body, ''), ''],
  ['no header', body, undefined, 'test_app_secret'],
  ['a bare digest', body, signature.slice(7), 'test_app_secret'],
  ['one byte more', Buffer.concat([body, Buffer.from(' ')]), signature, 'test_app_secret'],
])('%s does not verify', (_what, bytes, header, secret) => {
  expect(verifyWebhook(bytes, header, secret)).toBe(false);
});

test("Meta's escaped form verifies only as it was received", () => {
  const escaped = Buffer.from(String.raw`{"name":"J\u00e4ger","url":"a\/b"}`);
  const header = signWebhook(escaped, 's');
  const rewritten = Buffer.from(JSON.stringify(JSON.parse(escaped.toString())));
  expect(verifyWebhook(escaped, header, 's')).toBe(true);
  expect(verifyWebhook(rewritten, header, 's')).toBe(false);
});

test('the proof is an HMAC of the token under the secret', () => {
  expect(appSecretProof('token', 'secret')).toMatch(/^[0-9a-f]{64}$/);
  expect(appSecretProof('token', 'secret')).not.toBe(appSecretProof('secret', 'token'));
});
