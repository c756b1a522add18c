import { expect, test } from 'vitest';
import { jqLines } from './jq.ts';

const KEYS = [
  { name: 'website', scopes: ['leads:ingest'], uses: 3, last: { code: '190' } },
  { name: 'ci', scopes: [], uses: 12, last: null },
];

test.each([
  ['.[].name', ['website', 'ci']],
  ['.[0]', [JSON.stringify(KEYS[0])]],
  ['.[-1].name', ['ci']],
  ['length', ['2']],
  ['.[] | select(.uses > 5) | .name', ['ci']],
  [
    '.[] | select(.name == "ci" or .uses < 5) | {name, n: .uses}',
    ['{"name":"website","n":3}', '{"name":"ci","n":12}'],
  ],
  ['map(.scopes | length)', ['[1,0]']],
  ['[.[] | .last.code]', ['["190",null]']],
  ['.[] | select(.name | test("^web")) | .scopes[]', ['leads:ingest']],
  ['.[] | select(.last == null | not) | .name, .uses', ['website', '3']],
  ['.[0]["name"]', ['website']],
  ['.[1] | keys', ['["last","name","scopes","uses"]']],
])('%s', (filter, lines) => {
  expect(jqLines(KEYS, filter)).toEqual(lines);
});

test.each(['.[', '.a b', 'wat(.)', '.[] | select(', '"a', '.[0].name.first', '§'])(
  'what it cannot do it says: %s',
  (filter) => {
    expect(() => jqLines(KEYS, filter)).toThrow(/--jq/);
  },
);
