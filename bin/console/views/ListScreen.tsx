import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { fitWidths } from '../../ui/fit-widths.ts';
import type { Theme } from '../../ui/views/theme.ts';
import { pad, truncate, truncateStart, width } from '../../ui/width.ts';
import type { Entry, Heading, Resource } from '../resource.ts';
import { cursorIndex, type Screen } from '../state.ts';

const GAP = '  ';

export interface ListScreenProps {
  readonly resource: Resource;
  readonly screen: Screen & { kind: 'list' };
  readonly entries: readonly Entry[] | undefined;
  readonly theme: Theme;
  readonly columns: number;
  /** Room for rows, without the heading. */
  readonly lines: number;
}

/** A table, or a tree, with a cursor; the part of it around the cursor. */
export function ListScreen(props: ListScreenProps): ReactElement {
  const { resource, screen, entries, theme, columns, lines } = props;
  if (entries === undefined) return <Text {...theme.dim}>Loading…</Text>;
  if (entries.length === 0) {
    return (
      <Text {...theme.dim}>{screen.filter === '' ? 'Nothing here.' : 'Nothing matches.'}</Text>
    );
  }
  const at = cursorIndex(entries, screen.cursor);
  const from = pageStart(at, entries.length, lines);
  const page = entries.slice(from, from + lines);
  const cells = page.map((entry) => shownCells(resource, screen, entry));
  const widths = widthsOf(resource.headings, cells, columns);
  return (
    <Box flexDirection="column">
      <Text {...theme.header} wrap="truncate">
        {lineOf(
          resource.headings,
          widths,
          resource.headings.map(({ header }) => header),
        )}
      </Text>
      {page.map((entry, row) => (
        <Text
          key={entry.id}
          {...lookOf(entry, theme)}
          {...(from + row === at ? theme.selected : {})}
          wrap="truncate"
        >
          {pad(lineOf(resource.headings, widths, cells[row] ?? []), columns)}
        </Text>
      ))}
    </Box>
  );
}

/** Where the page begins that has the cursor on it, near its middle. */
export function pageStart(at: number, count: number, lines: number): number {
  return Math.max(0, Math.min(at - Math.floor(lines / 2), count - lines));
}

function shownCells(
  { kind }: Resource,
  { folded }: Screen & { kind: 'list' },
  { id, cells, depth }: Entry,
): readonly string[] {
  if (kind !== 'tree') return cells;
  const [first = '', ...others] = cells;
  const mark = folded.has(id) ? '▸ ' : '';
  return [`${'  '.repeat(depth)}${mark}${first}`, ...others];
}

function lookOf({ weight }: Entry, theme: Theme) {
  return weight === 'usual' ? {} : theme[weight];
}

function widthsOf(
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  columns: number,
): number[] {
  const natural = headings.map(({ header }, at) =>
    Math.max(width(header), ...rows.map((cells) => width(cells[at] ?? ''))),
  );
  const yielding = headings.map((heading) => ({ ...heading, header: width(heading.header) }));
  return fitWidths(natural, yielding, columns - GAP.length * (headings.length - 1));
}

function lineOf(
  headings: readonly Heading[],
  widths: readonly number[],
  cells: readonly string[],
): string {
  return headings
    .map(({ id, align }, at) => {
      const room = widths[at] ?? 0;
      const text = cells[at] ?? '';
      return pad(id === true ? truncateStart(text, room) : truncate(text, room), room, align);
    })
    .join(GAP);
}
