import { expect, test } from 'vitest';
import { holdings, leftBehind } from './leaks.ts';

const before = holdings(['TCPServerWrap', 'Timeout'], ['a']);

test('what was there before the file is not its own', () => {
  expect(leftBehind(before, before)).toEqual([]);
});

test('a server, a child and a database that were left are named', () => {
  const after = holdings(['TCPServerWrap', 'TCPServerWrap', 'ProcessWrap'], ['a', 'b']);
  expect(leftBehind(before, after)).toEqual([
    '1 TCPServerWrap still open',
    '1 ProcessWrap still open',
    'the database b was not dropped',
  ]);
});

test('a kept connection and a time-out are no leak', () => {
  const after = holdings(['TCPServerWrap', 'TCPSocketWrap', 'Timeout', 'Timeout'], ['a']);
  expect(leftBehind(before, after)).toEqual([]);
});
