import { describe, expect, it } from 'vitest';
import { enter, render } from './cells.ts';

describe('entering a value', () => {
  it.each(['=1+1', '+1555', '007', 'TRUE', '2026-11-24', "'x", '1,500', '50%'])(
    'RAW keeps %j as it is',
    (text) => {
      expect(enter(text, 'RAW')).toBe(text);
    },
  );

  it.each([
    ['=1+1', '#EVALUATED! =1+1'],
    ['+15551234567', 15_551_234_567],
    ['007', 7],
    ['1,500.5', 1_500.5],
    ['50%', 0.5],
    ['true', true],
    ['2026-11-24', 46_350],
    ["'+1555", '+1555'],
    ['+49 30 123', '+49 30 123'],
    ['Ada', 'Ada'],
  ])('USER_ENTERED turns %j into %j', (text, stored) => {
    expect(enter(text, 'USER_ENTERED')).toBe(stored);
  });

  it('shows numbers and booleans as text unless asked not to', () => {
    expect([render(7, 'FORMATTED_VALUE'), render(true, 'FORMATTED_VALUE')]).toEqual(['7', 'TRUE']);
    expect(render(7, 'UNFORMATTED_VALUE')).toBe(7);
  });
});
