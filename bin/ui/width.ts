import { createRequire } from 'node:module';

/** Characters that take one cell each whatever the terminal: nearly all that is printed. */
const ONE_CELL_EACH = /^[\u0020-\u007e…─│├└]*$/;

/** Width in terminal cells: wide characters and emoji count two. */
export function width(text: string): number {
  return ONE_CELL_EACH.test(text) ? text.length : measured(text);
}

/** Loaded when it is needed: its tables cost a command that prints plain text a tenth of its time. */
function measured(text: string): number {
  const module: unknown = createRequire(import.meta.url)('string-width');
  const stringWidth: unknown = Reflect.get(Object(module), 'default');
  if (typeof stringWidth !== 'function') throw new TypeError('string-width has no default export');
  return Number(stringWidth(text));
}

/** Cuts at a character boundary so that it takes `cells` at most, the last one an ellipsis. */
export function truncate(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  if (cells <= 1) return cells === 1 ? '…' : '';
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text,
  )) {
    const next = used + width(segment);
    if (next > cells - 1) break;
    kept += segment;
    used = next;
  }
  return `${kept}…`;
}

/** As `truncate`, but the end stays: what tells ids of the same moment apart. */
export function truncateStart(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let kept = '';
  for (const character of Array.from(text).toReversed()) {
    if (width(character + kept) > cells - 1) break;
    kept = character + kept;
  }
  return cells < 1 ? '' : `…${kept}`;
}

/** Fills up with spaces to `cells`. */
export function pad(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, cells - width(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Breaks at blanks into at most `most` lines of `cells`; what is left over ends in an ellipsis. */
export function wrap(text: string, cells: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < most - 1 && width(rest) > cells) {
    const head = truncate(rest, cells + 1).slice(0, -1);
    const blank = head.lastIndexOf(' ');
    const at = rest[head.length] === ' ' ? head.length : blank > 0 ? blank : head.length;
    if (at === 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return rest === '' ? lines : [...lines, truncate(rest, cells)];
}
