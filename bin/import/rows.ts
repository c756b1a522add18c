import type { Row } from './row.ts';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { withoutMarks } from '../ui/csv.ts';
import { parseExact } from '../../lib/core/lossless-json.ts';
import { csvRecords } from './csv-records.ts';
import { strictly } from './strict.ts';

export const fileFormats = ['csv', 'jsonl'] as const;
export type FileFormat = (typeof fileFormats)[number];

export interface FileSource {
  readonly path: string;
  readonly format: FileFormat;
  readonly delimiter: string;
  /** Rows that look broken are refused, though the gateway would keep them. */
  readonly strict?: boolean;
}

/** The rows of the file, as they are read. Throws for a file that cannot be read or has no end of a quote. */
export async function* readRows(source: FileSource): AsyncGenerator<Row, undefined> {
  const rows = source.format === 'csv' ? csvRows(source) : jsonRows(source);
  for await (const row of rows) yield source.strict === true ? strictly(row) : row;
  return undefined;
}

async function* csvRows({ path, delimiter }: FileSource): AsyncGenerator<Row, undefined> {
  let header: readonly string[] | undefined;
  for await (const { line, fields } of csvRecords(path, delimiter)) {
    if (header === undefined) header = fields.map((name) => name.trim());
    else yield toRow(line, header, fields);
  }
  return undefined;
}

function toRow(line: number, header: readonly string[], values: readonly string[]): Row {
  const given = header
    .map((name, at): [string, string] => [name, withoutMarks(values[at] ?? '')])
    .filter(([name, value]) => name !== '' && value !== '')
    .flatMap(([name, value]): [string, unknown][] =>
      name === CUSTOM_FIELDS ? customIn(value) : [[name, value]],
    );
  const extra = values.length - header.length;
  const problem = extra > 0 ? `has ${extra} field(s) more than the header` : undefined;
  return check({
    line,
    fields: Object.fromEntries(given),
    problem,
    missing: Math.max(0, -extra),
  });
}

/** The column in which an export has what the form asked beside the usual, as JSON. */
const CUSTOM_FIELDS = 'custom_fields';

function customIn(text: string): [string, unknown][] {
  try {
    return Object.entries(object.parse(JSON.parse(text)));
  } catch {
    return [[CUSTOM_FIELDS, text]];
  }
}

const object = z.record(z.string(), z.unknown());

async function* jsonRows({ path }: FileSource): AsyncGenerator<Row, undefined> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() !== '') yield parseLine(line, text.replace(/^\uFEFF/, ''));
  }
  return undefined;
}

function parseLine(line: number, text: string): Row {
  try {
    const parsed = object.safeParse(parseExact(text));
    if (parsed.success) return check({ line, fields: parsed.data, problem: undefined, missing: 0 });
    return { line, fields: {}, problem: 'is no JSON object', missing: 0 };
  } catch {
    return { line, fields: {}, problem: 'is no JSON', missing: 0 };
  }
}

const CONTACTS = ['name', 'first_name', 'last_name', 'email', 'phone'];
const MOST_BYTES = 256 * 1024;

/** What the gateway would refuse for certain, so that a dry run can tell. */
function check(row: Row): Row {
  if (row.problem !== undefined) return row;
  const isReachable = CONTACTS.some((name) => {
    const value = row.fields[name];
    return typeof value === 'string' && value.trim() !== '';
  });
  if (!isReachable) return { ...row, problem: 'has no name, email or phone' };
  const isLarge = Buffer.byteLength(JSON.stringify(row.fields)) > MOST_BYTES;
  return isLarge ? { ...row, problem: 'is larger than 256 KiB' } : row;
}
