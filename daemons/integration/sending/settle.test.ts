import { describe, expect, test } from 'vitest';
import { because, type Verdict } from '../../../lib/providers/outcome.ts';
import { sheetsErrors } from '../../../lib/providers/google-sheets/errors.ts';
import { whatsAppErrors } from '../../../lib/providers/whatsapp/errors.ts';
import { settle } from './settle.ts';

const delivery = { id: 'd', attempt: 1, round_attempt: 1, round_age_ms: 0 };
const at = (verdict: Verdict, over: Partial<typeof delivery> = {}) =>
  settle({ ...delivery, ...over }, because(verdict, { code: 'c', message: 'why' }), null, {
    random: () => 0.5,
  });

/** Error class → the delivery's status, what it does to its lane, and the wait at attempt 1, in ms. */
const WHATSAPP = {
  transient: ['retrying', null, 500],
  throttled: ['retrying', 'pause', 500],
  pair_limit: ['retrying', 'postpone_recipient', 1_000],
  not_before_24h: ['retrying', 'postpone_recipient', 86_400_000],
  token_dead: ['held', 'hold', null],
  permission: ['held', 'hold', null],
  account_blocked: ['held', 'hold', null],
  payment: ['held', 'hold', null],
  recipient: ['failed', null, null],
  template_missing: ['held', 'hold', null],
  template_mismatch: ['held', 'hold', null],
  template_paused: ['held', 'hold', null],
  request_invalid: ['held', 'hold', null],
  number_unregistered: ['held', 'hold', null],
  unlisted: ['retrying', null, 500],
} as const satisfies Record<keyof typeof whatsAppErrors.classes, readonly unknown[]>;

describe('a WhatsApp error of class', () => {
  test.each(Object.entries(whatsAppErrors.classes))(
    '%s leads where the table says',
    (name, verdict) => {
      const expected = Object.entries(WHATSAPP).find(([key]) => key === name)?.[1];
      const { result, effect } = at(verdict);
      expect([result.status, effect?.kind ?? null, result.next_in_ms]).toEqual(expected);
    },
  );
});

test('every Sheets error class leads to another attempt or a hold, never to a loss', () => {
  const verdicts = Object.values(sheetsErrors.classes).filter((one) => one !== 'unanswered');
  for (const verdict of verdicts) expect(['retrying', 'held']).toContain(at(verdict).result.status);
});

describe('what may have gone through', () => {
  test('waits for its status when it cannot be looked for', () => {
    const { result } = at({ kind: 'unknown', resolve: 'await_status' });
    expect(result).toMatchObject({ status: 'unknown', is_doubtful: true, next_in_ms: 3_600_000 });
  });

  test('is looked for, not before a moment has passed', () => {
    const { result } = at({ kind: 'unknown', resolve: 'look_first' });
    expect(result).toMatchObject({ status: 'retrying', outcome: 'unknown', is_doubtful: true });
    expect(result.next_in_ms).toBe(1_000);
  });

  test('is given up when it was looked for in vain for a day', () => {
    const { result } = at({ kind: 'unknown', resolve: 'look_first' }, { round_age_ms: 86_400_000 });
    expect(result.status).toBe('failed');
  });
});

test('a lane is paused for a minute at most, or for as long as the provider said', () => {
  const late = { ...delivery, attempt: 12, round_attempt: 12 };
  const random = () => 0.999;
  const lane = { kind: 'retry', scope: 'lane', backoff: 'exponential', giveUp: null } as const;
  const pauseMs = (waitMs: number) => {
    const reason = { code: 'c', message: 'why' };
    const failure = because({ ...lane, notBeforeMs: 0 }, reason, waitMs);
    const { effect } = settle(late, failure, null, { random });
    return effect?.kind === 'pause' ? effect.forMs : null;
  };
  expect(pauseMs(0)).toBeLessThanOrEqual(60_000);
  expect(pauseMs(600_000)).toBe(600_000);
  expect(pauseMs(999_999_999_000)).toBe(86_400_000);
});

test('an unlisted error is held for a human after five attempts, alone', () => {
  const { result, effect } = at(whatsAppErrors.classes.unlisted, { round_attempt: 5 });
  expect(result.status).toBe('held');
  expect(effect?.kind).toBe('hold_item');
});

test('what is told of a hold says what to do', () => {
  const { result } = at(whatsAppErrors.classes.token_dead);
  expect(result.message).toMatch(/^why\. The access token .* set it as whatsapp\.access_token\.$/);
});
