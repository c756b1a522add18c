import { expect, test } from 'vitest';
import type { DestinationKind, ShownDestination } from '../../daemons/integration/contract.ts';
import {
  checkDestinationReport,
  checkDestinations,
  isCheckable,
  notLookedAt,
} from './destinations.ts';

const AT = '2026-03-01T12:00:00.000Z';

const board = (over: Partial<ShownDestination> = {}): ShownDestination => ({
  id: '1',
  client_id: 'acme',
  name: 'board',
  kind: 'note',
  enabled: true,
  on: ['lead.created'],
  filter: {},
  settings: {},
  secrets: {},
  version: 1,
  disabled: null,
  held: [],
  created_at: AT,
  updated_at: AT,
  ...over,
});
const note: DestinationKind = {
  kind: 'note',
  title: 'Note',
  settings_schema: {},
  check_is_silent: true,
  secrets: [{ name: 'pin', title: 'Pin', required: true, made_when_missing: false }],
};

test('a held lane comes with its destination, since when and why, and is released by its name', () => {
  const held = [{ account: 'b1', code: '401', message: 'The board says no.', held_at: AT }];
  expect(checkDestinations([board({ held })], 'acme')).toMatchObject([
    { status: 'ok' },
    {
      check: 'lane board',
      status: 'failed',
      message: expect.stringMatching(/b1.*401.*says no/),
      remedy: 'leadctl destination release board --client acme',
    },
  ]);
});

test('one that its receiver had switched off is switched on again by its name', () => {
  const disabled = { code: '410', message: 'It is gone.' };
  const found = checkDestinations([board({ enabled: false, disabled })], 'acme');
  expect(found).toMatchObject([
    { check: 'switched_on', status: 'warning' },
    {
      layer: 'destination board',
      status: 'failed',
      message: expect.stringContaining('410'),
      remedy: 'leadctl destination enable board --client acme',
    },
    { status: 'ok' },
  ]);
});

test('a check that people see is left to them', () => {
  expect(isCheckable(board(), [note])).toBe(true);
  expect(isCheckable(board(), [{ ...note, check_is_silent: false }])).toBe(false);
  expect(isCheckable(board(), [])).toBe(false);
  expect(notLookedAt(board(), 'acme')).toMatchObject({
    status: 'skipped',
    remedy: 'leadctl destination test board --client acme',
  });
});

test('what is not set is set by a command, whichever kind it is of', () => {
  const check = (name: string, code: string) =>
    ({ name, status: 'failed', code, message: 'No.', remedy: 'See to it.' }) as const;
  const report = {
    destination: { id: '1', name: 'board', kind: 'note' },
    ok: false,
    checks: [
      check('note.pin', 'not_configured'),
      check('note.board', 'not_configured'),
      check('board', '401'),
    ],
  };
  expect(checkDestinationReport(report, note, 'acme').map(({ remedy }) => remedy)).toEqual([
    'leadctl destination set board --secret-stdin pin --client acme',
    'leadctl destination set board --setting board=VALUE --client acme',
    'See to it.',
  ]);
});
