import { expect, test } from 'vitest';
import { parseServiceAccount } from './account.ts';

const file = (over: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'leads@project.iam.gserviceaccount.com',
    private_key: 'secret-but-no-key',
    ...over,
  });

test.each([
  ['no JSON', '{', /not a JSON object/],
  ['another kind of file', file({ type: 'authorized_user' }), /Wrong: type/],
  ['no address', file({ client_email: 'x' }), /Wrong: client_email/],
  ['no key', file({ private_key: '' }), /Wrong: private_key/],
  ['a key that is none', file(), /no RSA key/],
])('%s is refused by what is wrong, without its content', (_what, json, expected) => {
  const parsed = parseServiceAccount(json);
  expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(expected) });
  expect(JSON.stringify(parsed)).not.toContain('secret-but-no-key');
});
