import { expect, test } from 'vitest';
import { detailText } from './view.ts';

test('says what tells most first, in whatever order it comes, and leaves out what is empty', () => {
  const detail = {
    status: 'failed',
    attempt: 2,
    retry_in_ms: null,
    delivery_id: 'd',
    code: '131026',
    other: { a: 1 },
    integration: 'whatsapp',
    message: 'cannot be reached',
  };
  expect(detailText(detail)).toBe(
    'integration=whatsapp attempt=2 code=131026 message=cannot be reached other={"a":1} status=failed delivery_id=d',
  );
});
