/** How a column gives way when its table is too wide. */
export interface Yielding {
  /** Last of all. */
  readonly keep?: boolean;
  /** First of all, down to the end that tells one from another. */
  readonly id?: boolean;
  /** Its text goes over several lines. */
  readonly wrap?: boolean;
  /** Cells of its heading. */
  readonly header: number;
}

const LEAST_CELLS = 4;
/** An ellipsis and the last eight characters, which a command takes in place of the whole id. */
const SHORT_ID_CELLS = 9;
const WRAP_WELL = 32;
const WRAP_LEAST = 16;

type Floor = (column: Yielding, natural: number) => number;

const least = (natural: number): number => Math.min(LEAST_CELLS, natural);
const isPlain = ({ keep, id, wrap }: Yielding): boolean => !keep && !id && !wrap;

/** One after the other, until it fits: who gives way, and how far. */
const STEPS: readonly Floor[] = [
  ({ id, header }) => (id ? Math.max(SHORT_ID_CELLS, header) : Infinity),
  ({ wrap }) => (wrap ? WRAP_WELL : Infinity),
  (column, natural) => (isPlain(column) ? Math.max(least(natural), column.header) : Infinity),
  ({ wrap }) => (wrap ? WRAP_LEAST : Infinity),
  (column, natural) => (isPlain(column) ? least(natural) : Infinity),
  (_column, natural) => least(natural),
];

/**
 * The widest columns give way first: ids to their ends, long texts to several lines, then those that may,
 * down to their header; then further; then, when all else is spent, those to keep. None goes below a few
 * cells.
 */
export function fitWidths(
  natural: readonly number[],
  columns: readonly Yielding[],
  available: number,
): number[] {
  return STEPS.reduce(
    (widths, floor) =>
      shrink(
        widths,
        (at) => {
          const column = columns[at];
          return column === undefined ? 0 : floor(column, natural[at] ?? 0);
        },
        available,
      ),
    [...natural],
  );
}

function shrink(
  widths: readonly number[],
  floor: (at: number) => number,
  available: number,
): number[] {
  const result = [...widths];
  let excess = result.reduce((sum, cells) => sum + cells, 0) - available;
  while (excess > 0) {
    let widest = -1;
    for (const [at, cells] of result.entries()) {
      if (cells > floor(at) && cells > (result[widest] ?? 0)) widest = at;
    }
    const cells = result[widest];
    if (cells === undefined) break;
    result[widest] = cells - 1;
    excess -= 1;
  }
  return result;
}
