import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import * as z from 'zod';

export interface CsvRecord {
  /** Of the file, from 1, where the record begins. */
  readonly line: number;
  readonly fields: readonly string[];
}

const MOST_CHARACTERS = 1024 * 1024;

const parsed = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.number() }),
  raw: z.string(),
});

/**
 * The records of a CSV file as they are read. A quote inside an unquoted field is a character like any
 * other, as spreadsheets have it; empty lines are no records. Throws for a file that cannot be read and
 * for a quote that nobody closes.
 */
export async function* csvRecords(
  path: string,
  delimiter: string,
): AsyncGenerator<CsvRecord, undefined> {
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    raw: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MOST_CHARACTERS,
  });
  const file = createReadStream(path);
  file.on('error', (error) => parser.destroy(error));
  file.pipe(parser);
  let lastLine = 0;
  try {
    for await (const chunk of parser) {
      const { record, info, raw } = parsed.parse(chunk);
      // The parser counts up to where a record ends; quoted fields may hold line breaks.
      const breaks = raw.trim().split('\n').length - 1;
      lastLine = info.lines;
      yield { line: info.lines - breaks, fields: record };
    }
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED') {
      const where = `The quote in the record at line ${lastLine + 1}`;
      throw new Error(`${where} is never closed`, { cause: error });
    }
    throw error;
  } finally {
    file.destroy();
  }
  return undefined;
}
