import { digitsOf, parseAnswer } from '../../lib/core/lossless-json.ts';
import { type Io, write } from '../io.ts';
import type { Column, DateStyle } from './columns.ts';
import { csvLines } from './csv.ts';
import { pickColumns, type Picked, sortRows } from './pick-columns.ts';
import { createStyle } from './style.ts';
import { escapeJson, hasUnsafe, visible } from './text.ts';

export const formats = ['table', 'wide', 'json', 'yaml', 'name', 'csv'] as const;
export type Format = (typeof formats)[number];

/** What a command shows: many things or one, and how each property looks. */
export type View<Row> = ViewOptions<Row> &
  ({ readonly rows: readonly Row[] } | { readonly item: Row });

interface ViewOptions<Row> {
  readonly columns: readonly Column<Row>[];
  /** What `-o name` prints: the id one passes to the next command. */
  readonly name: (row: Row) => string;
  /** Hides personal data, in every format, unless `--reveal`. */
  readonly mask?: (row: Row) => Row;
  /** The row as JSON and YAML show it, where it holds more than data. */
  readonly plain?: (row: Row) => unknown;
  /** Said on stderr when there are no rows and a person reads along. */
  readonly empty?: string;
}

export interface RenderOptions {
  /** Headings to show and to sort by, and what to take out of the JSON; as the flags have them. */
  readonly pick?: Picked | undefined;
  readonly format: Format;
  readonly now: Date;
  readonly colour: boolean;
  readonly reveal: boolean;
  readonly quiet: boolean;
}

/** Writes one document of pure data to stdout; the format alone decides its shape, never the terminal. */
export async function render<Row>(io: Io, view: View<Row>, options: RenderOptions): Promise<void> {
  const mask = options.reveal ? undefined : view.mask;
  const all = 'item' in view ? [view.item] : view.rows;
  const masked = mask ? all.map(mask) : all;
  const columns = pickColumns(view.columns, options.pick?.columns);
  const rows = sortRows(view.columns, masked, options.pick?.sortBy);
  await write(io.stdout, await documentOf(io, { ...view, columns }, rows, options));
  await noteMasking(io, all, masked, options);
  const empty = view.empty ?? 'Nothing found.';
  const human = options.format === 'table' || options.format === 'wide';
  if (rows.length === 0 && human && !options.quiet) await write(io.stderr, `${empty}\n`);
}

async function documentOf<Row>(
  io: Io,
  view: View<Row>,
  rows: readonly Row[],
  options: RenderOptions,
): Promise<string> {
  const plain = view.plain ? rows.map(view.plain) : rows;
  const value = 'item' in view ? plain[0] : plain;
  switch (options.format) {
    case 'json':
      if (options.pick?.jq !== undefined) return await filtered(value, options.pick.jq);
      return `${escapeJson(JSON.stringify(value, undefined, 2))}\n`;
    case 'yaml':
      return await yamlOf(value);
    case 'name':
      return lines(rows.map((row) => visible(view.name(row))));
    case 'csv':
      return lines(csvLines(view.columns, rows));
    case 'table':
    case 'wide':
      return await human(io, view, rows, options);
    default:
      return options.format satisfies never;
  }
}

async function human<Row>(
  io: Io,
  view: View<Row>,
  rows: readonly Row[],
  options: RenderOptions,
): Promise<string> {
  if (rows.length === 0) return '';
  // Measuring wide characters needs tables that take longer to load than most commands take to run.
  const { detailLines, fits, tableLines } = await import('./table.ts');
  const wide = options.format === 'wide';
  const dates: DateStyle = wide ? { kind: 'exact' } : { kind: 'age', now: options.now };
  const all = wide || options.pick?.columns !== undefined;
  const columns = all ? view.columns : view.columns.filter((column) => column.wide !== true);
  const fit = io.stdoutIsTty ? io.columns : undefined;
  const layout = { dates, fit, styleHeader: createStyle(options.colour).bold };
  const [first] = rows;
  if ('item' in view && first !== undefined) return lines(detailLines(columns, first, layout));
  // Rows that a terminal would fold into one another are easier to read one below the other.
  if (wide && fit !== undefined && !fits(columns, rows, dates, fit)) {
    return rows.map((row) => lines(detailLines(columns, row, layout))).join('\n');
  }
  return lines(tableLines(columns, rows, layout));
}

async function filtered(value: unknown, filter: string): Promise<string> {
  const { jqLines } = await import('./jq.ts');
  return lines(jqLines(parseAnswer(JSON.stringify(value) ?? 'null'), filter).map(escapeJson));
}

/** Whoever reads data by machine does not see that it is masked. */
async function noteMasking<Row>(
  io: Io,
  all: readonly Row[],
  masked: readonly Row[],
  { format, quiet }: RenderOptions,
): Promise<void> {
  if (quiet || !(format === 'json' || format === 'yaml' || format === 'csv')) return;
  const differs = all.some((row, at) => JSON.stringify(row) !== JSON.stringify(masked[at]));
  if (differs) await write(io.stderr, 'Personal data is masked; --reveal shows it\n');
}

async function yamlOf(value: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  // Through JSON first: the two must describe the same value, dates and absent fields included.
  const plain = parseAnswer(JSON.stringify(value) ?? 'null');
  const document = new Document(plain, yamlNumber, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, scalar) => {
      // Only a double-quoted scalar can carry an escape.
      if (typeof scalar.value === 'string' && hasUnsafe(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeJson(document.toString({ lineWidth: 0 }));
}

/** An integer of any length is a number in YAML too; other numbers that no double can show become text. */
function yamlNumber(_key: unknown, value: unknown): unknown {
  const digits = digitsOf(value);
  if (digits === undefined) return value;
  return /^-?\d+$/.test(digits) ? BigInt(digits) : digits;
}

function lines(list: readonly string[]): string {
  return list.length === 0 ? '' : `${list.join('\n')}\n`;
}

/** One JSON document a line, for what goes on: a tail, an import, a start-up. */
export async function writeJsonLine(io: Io, value: unknown): Promise<void> {
  await write(io.stdout, `${escapeJson(JSON.stringify(value))}\n`);
}
