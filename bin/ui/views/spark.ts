const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

export interface SparkSize {
  readonly columns: number;
  readonly lines: number;
}

/**
 * A bar a value, the newest at the right, over as many lines as given; the highest fills them. What is
 * more than nothing is always seen, and nothing is a blank above a base line.
 */
export function sparkLines(values: readonly number[], { columns, lines }: SparkSize): string[] {
  const cells = Math.max(1, Math.floor(columns / Math.max(1, values.length)));
  const shown = values.slice(-Math.max(1, Math.floor(columns / cells)));
  const most = Math.max(...shown, 1);
  const steps = lines * LEVELS.length;
  const heights = shown.map((value) =>
    value <= 0 ? 0 : Math.max(1, Math.round((value / most) * steps)),
  );
  return Array.from({ length: lines }, (_none, at) => {
    const below = (lines - 1 - at) * LEVELS.length;
    return heights.map((height) => cellAt(height, below).repeat(cells)).join('');
  });
}

function cellAt(height: number, below: number): string {
  const level = Math.min(height - below, LEVELS.length);
  if (level > 0) return LEVELS[level - 1] ?? ' ';
  return below === 0 ? '·' : ' ';
}
