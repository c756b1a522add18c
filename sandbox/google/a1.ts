/** A rectangle of cells, counted from 0, ends not included; an open end is Infinity. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface A1Range {
  /** The tab's name; undefined means the first one. */
  readonly sheet: string | undefined;
  readonly area: Rectangle;
}

const WHOLE: Rectangle = { top: 0, left: 0, bottom: Infinity, right: Infinity };
const QUOTED = /^'((?:[^']|'')+)'(?:!(.+))?$/;
const CORNER = /^\$?([a-z]{0,3})\$?(\d{0,8})$/i;

/**
 * Reads A1 notation: `Sheet1!A1:B2`, `'My leads'!A:C`, `A2:2`, or a bare tab name. `tabs` decides
 * what a name that could be either (`Leads`, `AB`) means. Undefined when it is no range.
 */
export function parseA1(text: string, tabs: readonly string[]): A1Range | undefined {
  const quoted = QUOTED.exec(text);
  if (quoted) return inSheet((quoted[1] ?? '').replaceAll("''", "'"), quoted[2]);
  if (tabs.includes(text)) return { sheet: text, area: WHOLE };
  const bang = text.lastIndexOf('!');
  if (bang > 0 && !text.startsWith("'")) return inSheet(text.slice(0, bang), text.slice(bang + 1));
  const area = parseArea(text);
  if (area) return { sheet: undefined, area };
  return text !== '' && !/[!:']/.test(text) ? { sheet: text, area: WHOLE } : undefined;
}

function inSheet(sheet: string, cells: string | undefined): A1Range | undefined {
  if (cells === undefined) return { sheet, area: WHOLE };
  const area = parseArea(cells);
  return area && { sheet, area };
}

function parseArea(text: string): Rectangle | undefined {
  const [from, to, ...rest] = text.split(':');
  const start = parseCorner(from ?? '');
  if (start === undefined || rest.length > 0) return undefined;
  if (to === undefined) {
    const { row, column } = start;
    if (row === undefined || column === undefined) return undefined;
    return { top: row, left: column, bottom: row + 1, right: column + 1 };
  }
  const end = parseCorner(to);
  if (end === undefined) return undefined;
  const [top, bottom] = ordered(start.row ?? 0, end.row ?? Infinity);
  const [left, right] = ordered(start.column ?? 0, end.column ?? Infinity);
  return { top, left, bottom: bottom + 1, right: right + 1 };
}

function ordered(a: number, b: number): [number, number] {
  return a <= b ? [a, b] : [b, a];
}

function parseCorner(text: string): { row?: number; column?: number } | undefined {
  const [, letters = '', digits = ''] = CORNER.exec(text) ?? [];
  if (letters === '' && digits === '') return undefined;
  if (digits !== '' && Number(digits) === 0) return undefined;
  return {
    ...(digits === '' ? {} : { row: Number(digits) - 1 }),
    ...(letters === '' ? {} : { column: columnIndex(letters) }),
  };
}

function columnIndex(letters: string): number {
  let index = 0;
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64;
  return index - 1;
}

export function columnLetters(index: number): string {
  let letters = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

/** `Sheet1!A1:B2`, the name quoted where Google quotes it; all ends must be finite. */
export function formatA1(sheet: string, area: Rectangle): string {
  const start = `${columnLetters(area.left)}${area.top + 1}`;
  const end = `${columnLetters(area.right - 1)}${area.bottom}`;
  return `${quoteSheet(sheet)}!${start === end ? start : `${start}:${end}`}`;
}

function quoteSheet(name: string): string {
  const isPlain = /^[A-Za-z_]\w*$/.test(name) && !/^[A-Za-z]{1,3}\d+$/.test(name);
  // "Sheet1" is plain although a four-letter column would look the same.
  return isPlain ? name : `'${name.replaceAll("'", "''")}'`;
}
