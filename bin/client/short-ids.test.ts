import { expect, test } from 'vitest';
import type { AskPage } from './paging.ts';
import { wholeId } from './short-ids.ts';

const IDS = [
  '01a20e95-5623-7abc-9def-0123456789ab',
  '01a20e95-5623-7abc-9def-0123456789cd',
  '01a20e95-9999-7abc-9def-aaaa456789cd',
];
const ask: AskPage<{ readonly id: string }> = async () => ({
  ok: true,
  body: { data: IDS.map((id) => ({ id })), next_cursor: null },
});
const find = (text: string) => wholeId({ text, what: 'lead', list: 'leadctl lead ls' }, ask);

test.each([
  ['…456789ab', IDS[0]],
  ['...456789AB', IDS[0]],
  ['01a20e95-9', IDS[2]],
  [IDS[1] ?? '', IDS[1]],
])('%s is enough to tell it', async (text, id) => {
  expect(await find(text)).toBe(id);
});

test('what may be several is a conflict that names them, what is none is not found', async () => {
  await expect(find('456789cd')).rejects.toMatchObject({
    details: { exitCode: 6, why: `${IDS[1]}\n${IDS[2]}` },
  });
  for (const nothing of ['ffffffff', 'abc', 'not an id']) {
    await expect(find(nothing)).rejects.toMatchObject({
      message: `There is no lead '${nothing}'`,
      details: { exitCode: 5, next: 'leadctl lead ls' },
    });
  }
});
