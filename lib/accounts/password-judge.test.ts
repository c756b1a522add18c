import { afterAll, describe, expect, test } from 'vitest';
import { createPasswordJudge } from './password-judge.ts';
import { createStrengthEstimator } from './strength.ts';

const strength = createStrengthEstimator();
const { judge } = createPasswordJudge(strength);
afterAll(() => strength.stop());
const given = (password: string, email = 'ada.lovelace@example.com') =>
  judge({ password, email, path: 'body.password' });

describe('a password that is refused', () => {
  test.each([
    '1234567890',
    'aaaaaaaaaa',
    ' '.repeat(12),
    'password12',
    'ada.lovelace@example.com',
    'ADA.LOVELACE@example.com',
    'adalovelace1',
    'leadctl1234',
    'qwertyuiop1',
    'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(2),
  ])('%j, saying what is wrong with it and what to do', async (password) => {
    const refusal = await given(password);
    expect(refusal).toMatchObject({
      code: 'validation_failed',
      extra: {
        errors: [
          { path: 'body.password', message: expect.stringMatching(/^is too easy.*\. \w+.*\.$/) },
        ],
      },
    });
    expect(JSON.stringify(refusal)).not.toContain(`"${password}"`);
  });

  test('a long e-mail, though its start alone would be strong', async () => {
    const email = 'purple-kettle-sings-under-brazen-oaks-7731@quite-unusual.example';
    expect(await given(email, email)).toMatchObject({ code: 'validation_failed' });
    expect(await given(email)).toBeUndefined();
  });
});

test.each(['correct horse battery', 'another horse, fresher', '7f3b9ad02c11e8'])(
  '%j passes',
  async (password) => {
    expect(await given(password)).toBeUndefined();
  },
);
