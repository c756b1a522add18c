import stringWidth from 'string-width';

/** Width in terminal cells: wide characters and emoji count two. */
export function width(text: string): number {
  return stringWidth(text);
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

/** Fills up with spaces to `cells`. */
export function pad(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, cells - width(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
