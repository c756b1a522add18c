import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../lib/core/lossless-json.ts';
import { hidePayload, maskDetail } from './mask-payload.ts';

describe('hidePayload', () => {
  it('hides numbers that are kept as their digits, too', () => {
    const payload = parseAnswer('{"n":12345678901234567890,"list":[1e400]}');
    expect(hidePayload(payload)).toEqual({ n: '***', list: ['***'] });
  });

  it('keeps the shape and none of the values', () => {
    expect(hidePayload({ name: 'Mia', list: ['a', 7], deep: { yes: true, no: null } })).toEqual({
      name: '***',
      list: ['***', '***'],
      deep: { yes: true, no: null },
    });
  });
});

describe('maskDetail', () => {
  it('hides addresses and numbers at any depth, and leaves what identifies things', () => {
    expect(
      maskDetail({
        leadgen_id: '179550700279800001',
        provider_reference: 'wamid.4915112345678',
        next_attempt_at: '2026-03-01T12:00:00.000Z',
        error: { code: '131026', message: '+4915112345678 of mia@x.example is unknown' },
        list: ['mia@x.example'],
      }),
    ).toEqual({
      leadgen_id: '179550700279800001',
      provider_reference: 'wamid.4915112345678',
      next_attempt_at: '2026-03-01T12:00:00.000Z',
      error: { code: '131026', message: '+49••••••••678 of m***@x.example is unknown' },
      list: ['m***@x.example'],
    });
  });
});
