import { expect, test } from 'vitest';
import { paceMs, parseUsage } from './usage.ts';

const headers = (given: Readonly<Record<string, string>>) => (name: string) => given[name] ?? null;

test('the highest percentage and the longest wait of all gauges count', () => {
  const usage = parseUsage(
    headers({
      'x-app-usage': '{"call_count":28,"total_time":25,"total_cputime":25}',
      'x-business-use-case-usage':
        '{"123":[{"type":"leadgen","call_count":95,"total_cputime":20,"total_time":1,"estimated_time_to_regain_access":3}]}',
    }),
  );
  expect(usage).toEqual({ percent: 95, regainAccessMs: 180_000 });
});

test.each([{}, { 'x-app-usage': 'not json' }])('%j tells nothing', (given) => {
  expect(parseUsage(headers(given))).toBeNull();
});

test('the pace slows before the wall and stops at it', () => {
  const at = (percent: number, regainAccessMs = 0) => paceMs({ percent, regainAccessMs });
  expect([at(0), at(74), at(75), at(99), at(100), at(120, 300_000)]).toEqual([
    0, 0, 1_000, 25_000, 60_000, 300_000,
  ]);
  expect(paceMs(null)).toBe(0);
});
