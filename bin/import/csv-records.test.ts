import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvRecords, type CsvRecord } from './csv-records.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leadctl-csv-'));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function read(text: string, delimiter = ','): Promise<CsvRecord[]> {
  const path = join(dir, 'leads.csv');
  await writeFile(path, text);
  return await all(csvRecords(path, delimiter));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const fieldsOf = async (text: string, delimiter?: string) =>
  (await read(text, delimiter)).map(({ fields }) => fields);

const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;

describe('records of a CSV file', () => {
  test('give back what was quoted, whatever it holds', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'ü', '🚀', ' ') });
    const records = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom('\n', '\r\n'), async (list, end) => {
        const text = list.map((fields) => fields.map(quote).join(',') + end).join('');
        expect(await fieldsOf(text)).toEqual(list);
      }),
    );
  });

  test('may have plain and empty fields, no last line break, and a byte order mark before them', async () => {
    expect(await fieldsOf('\uFEFFname,email\r\nMia,\r\n\r\n"Tom ""T""",t@x.example')).toEqual([
      ['name', 'email'],
      ['Mia', ''],
      ['Tom "T"', 't@x.example'],
    ]);
    expect(await fieldsOf('a;b,c', ';')).toEqual([['a', 'b,c']]);
    expect(await fieldsOf('5" screen,x')).toEqual([['5" screen', 'x']]);
  });

  test('say on which line each begins', async () => {
    expect((await read('a\n"b\nc"\n\nd\n')).map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  test('end in an error that names the line of a quote that nobody closes', async () => {
    await expect(read('a\n"b\nc')).rejects.toThrow('line 2');
  });

  test('of a file that is not there end in the system’s error', async () => {
    await expect(all(csvRecords(join(dir, 'none.csv'), ','))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
