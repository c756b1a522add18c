import { describe, expect, test } from 'vitest';
import { checkPlatform, type GatewayAnswer } from './platform.ts';

const AT = new Date('2026-03-01T12:00:00.400Z');

function examined(over: Partial<GatewayAnswer> = {}, ownVersion = '1.2.0') {
  const answer: GatewayAnswer = {
    isReady: true,
    version: '1.2.0',
    checks: { lead: { status: 'ok', version: '1.2.0' }, migrations: { status: 'ok' } },
    date: new Date('2026-03-01T12:00:00Z'),
    askedAt: AT,
    answeredAt: AT,
    ...over,
  };
  return checkPlatform(answer, ownVersion);
}
const troubles = (...given: Parameters<typeof examined>) =>
  examined(...given).filter(({ status }) => status === 'failed' || status === 'warning');

test('a platform that is well has no finding to see to', () => {
  expect(troubles()).toEqual([]);
});

test.each([
  ['not ready: migrations', 'leadctl migrate'],
  ['not ready: database, migrations', 'PostgreSQL'],
  ['fetch failed', '_URL'],
  ['not ready: permissions', 'INTERNAL_SECRET'],
  ['something new', 'log of lead'],
])('a service that says %s comes with its remedy', (detail, remedy) => {
  const found = troubles({ isReady: false, checks: { lead: { status: 'failed', detail } } });
  expect(found.find(({ check }) => check === 'lead')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining(detail),
    remedy: expect.stringContaining(remedy),
  });
});

test('other versions are named', () => {
  const checks = { lead: { status: 'ok', version: '1.1.0' }, auth: { status: 'ok' } };
  expect(troubles({ checks }, '1.3.0')).toMatchObject([
    { check: 'services', status: 'warning', message: expect.stringContaining('lead 1.1.0') },
    { check: 'leadctl', status: 'warning' },
  ]);
});

describe('clocks', () => {
  test.each([
    [3, []],
    [-3, []],
    [10, ['warning']],
    [-45, ['failed']],
    [45, ['failed']],
  ])('%s s apart', (seconds, statuses) => {
    const date = new Date(Math.floor(AT.getTime() / 1_000 + seconds) * 1_000);
    expect(troubles({ date }).map(({ status }) => status)).toEqual(statuses);
  });
});
