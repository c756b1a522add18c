import { expect, test } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { createComplaints } from './complaints.ts';

test('a store that is away is told of once a minute, and how often it was kept back', () => {
  const lines: { message: string; kept_back: number }[] = [];
  const log = createLogger({
    service: 'worker',
    version: 'test',
    level: 'info',
    destination: { write: (line: string) => lines.push(JSON.parse(line)) },
  });
  let nowMs = 0;
  const complain = createComplaints({ log, message: 'it is away', now: () => nowMs });
  for (; nowMs < 120_000; nowMs += 1_000) complain(new Error('no answer'));
  expect(lines).toMatchObject([
    { message: 'it is away', kept_back: 0 },
    { message: 'it is away', kept_back: 59 },
  ]);
});
