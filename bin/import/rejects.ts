import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import * as z from 'zod';
import { csvRecords } from './csv-records.ts';
import type { FileSource } from './rows.ts';

const refusal = z.object({ line: z.int(), code: z.string(), detail: z.string() });

export interface Reason {
  readonly detail: string;
  readonly count: number;
}

/** How often each reason stands in the file of refused rows, the commonest first. */
export async function refusalReasons(errorsFile: string): Promise<Reason[]> {
  const counts = new Map<string, number>();
  for await (const { detail } of refusalsIn(errorsFile)) {
    counts.set(detail, (counts.get(detail) ?? 0) + 1);
  }
  return [...counts]
    .map(([detail, count]) => ({ detail, count }))
    .toSorted((a, b) => b.count - a.count);
}

/** Copies the refused rows into a file of the same format, header first: to be mended and sent by itself. */
export async function writeRejects(
  source: FileSource,
  errorsFile: string,
  rejectsFile: string,
): Promise<number> {
  const lines = new Set<number>();
  for await (const { line } of refusalsIn(errorsFile)) lines.add(line);
  const out = createWriteStream(rejectsFile, { mode: 0o600 });
  let written = 0;
  let isHeader = source.format === 'csv';
  for await (const { line, text } of originals(source)) {
    if (!isHeader && !lines.has(line)) continue;
    if (!isHeader) written += 1;
    isHeader = false;
    if (!out.write(`${text}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return written;
}

async function* refusalsIn(file: string): AsyncGenerator<z.output<typeof refusal>, undefined> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  for await (const line of lines) {
    if (line !== '') yield refusal.parse(JSON.parse(line));
  }
  return undefined;
}

async function* originals({ path, format, delimiter }: FileSource) {
  if (format === 'csv') {
    for await (const { line, fields } of csvRecords(path, delimiter)) {
      yield { line, text: fields.map(quoted).join(delimiter) };
    }
    return;
  }
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    yield { line, text };
  }

  function quoted(field: string): string {
    const isPlain = !field.includes(delimiter) && !/["\r\n]/.test(field);
    return isPlain ? field : `"${field.replaceAll('"', '""')}"`;
  }
}
