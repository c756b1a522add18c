import type { Row } from './row.ts';

/** Rows that are sent together. The same file and size always give the same batches. */
export interface Batch {
  /** How many rows of the file stand before it. */
  readonly before: number;
  readonly rows: readonly Row[];
}

/** Well under the 8 MiB that the gateway takes at once. */
const MOST_BYTES = 4 * 1024 * 1024;

export async function* batchesOf(
  rows: AsyncIterable<Row>,
  size: number,
): AsyncGenerator<Batch, undefined> {
  let before = 0;
  let batch: Row[] = [];
  let bytes = 0;
  for await (const row of rows) {
    const rowBytes = Buffer.byteLength(JSON.stringify(row.fields));
    if (batch.length > 0 && (batch.length === size || bytes + rowBytes > MOST_BYTES)) {
      yield { before, rows: batch };
      before += batch.length;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += rowBytes;
  }
  if (batch.length > 0) yield { before, rows: batch };
  return undefined;
}
