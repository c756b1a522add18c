/** The most that Google keeps in a cell. */
export const MAX_CELL_CHARACTERS = 50_000;

/** The most that Google advises to send in one call. */
const MAX_APPEND_BYTES = 2 * 1024 * 1024;

/** A range of a sheet in A1 notation; `cells` as in `A1` or `C2:C`. */
export function rangeOf(sheetName: string, cells: string): string {
  return `'${sheetName.replaceAll("'", "''")}'!${cells}`;
}

/** The letters of a column, the first being 0: A … Z, AA … */
export function columnLetters(index: number): string {
  if (!Number.isInteger(index) || index < 0) throw new RangeError('A column index is 0 or more.');
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}

/** A text as a cell can hold it: as it is, or cut with a mark that says so. */
export function fitCell(text: string): string {
  if (text.length <= MAX_CELL_CHARACTERS) return text;
  const mark = ` … [cut: ${text.length} characters, a cell holds ${MAX_CELL_CHARACTERS}]`;
  const kept = text.slice(0, MAX_CELL_CHARACTERS - mark.length);
  // A surrogate pair is kept whole or not at all.
  return (/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept) + mark;
}

/** How many of the first rows fit one append call; at least one, so that work goes on. */
export function rowsThatFit(
  rows: readonly (readonly string[])[],
  limits: { readonly maxRows: number; readonly maxBytes?: number },
): number {
  const maxBytes = limits.maxBytes ?? MAX_APPEND_BYTES;
  let bytes = 0;
  let count = 0;
  for (const row of rows.slice(0, limits.maxRows)) {
    bytes += Buffer.byteLength(JSON.stringify(row.map(fitCell))) + 1;
    if (bytes > maxBytes) break;
    count += 1;
  }
  return Math.max(count, Math.min(1, rows.length));
}
