import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { pad, truncate } from '../width.ts';
import { type TailRow, type TailState, visibleRows } from './tail-state.ts';
import type { Theme } from './theme.ts';

export interface TailListProps {
  readonly state: TailState;
  readonly theme: Theme;
  readonly columns: number;
  /** Room for rows, without the header. */
  readonly lines: number;
}

/** The newest rows at the bottom; with a cursor, the part of the list around it. */
export function TailList({ state, theme, columns, lines }: TailListProps): ReactElement {
  const cells = layOut(columns);
  const shown = visibleRows(state);
  const at = shown.findIndex(({ id }) => id === state.cursor);
  const end = at < 0 ? shown.length : Math.min(shown.length, Math.max(lines, at + lines / 2));
  const from = Math.max(0, Math.floor(end) - lines);
  const part = shown.slice(from, from + lines);
  return (
    <Box flexDirection="column" height={lines + 1}>
      <Text {...theme.header} wrap="truncate">
        {lineOf(cells, ['TIME', 'EVENT', 'NAME', 'CONTACT', 'SOURCE', 'STATUS'])}
      </Text>
      {part.map((row) => (
        <Text key={row.id} {...(row.id === state.cursor ? theme.selected : {})} wrap="truncate">
          {lineOf(cells, textsOf(row))}
        </Text>
      ))}
      {shown.length === 0 ? <Text {...theme.dim}>{nothing(state)}</Text> : null}
    </Box>
  );
}

function nothing(state: TailState): string {
  if (state.rows.length > 0) return 'Nothing matches the filter.';
  return state.connection.kind === 'live' ? 'Waiting for leads…' : '';
}

function textsOf({ at, what, name, contact, source, status }: TailRow): string[] {
  return [timeOfDay(at), what, name, contact, source, status];
}

/** In the reader's own time zone. */
function timeOfDay(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

const TIME = 8;
const STATUS = 9;
const GAP = '  ';

/** Cells of each column; the last ones grow, and all of them give way in a narrow terminal. */
function layOut(columns: number): readonly number[] {
  const room = Math.max(12, columns - TIME - STATUS - GAP.length * 5);
  const event = Math.max(4, Math.min(22, Math.floor(room * 0.34)));
  const source = Math.max(3, Math.min(16, Math.floor(room * 0.16)));
  const name = Math.max(3, Math.min(30, Math.floor((room - event - source) * 0.42)));
  const contact = Math.max(2, Math.min(50, room - event - source - name));
  return [TIME, event, name, contact, source, STATUS];
}

function lineOf(cells: readonly number[], texts: readonly string[]): string {
  return texts.map((text, at) => pad(truncate(text, cells[at] ?? 0), cells[at] ?? 0)).join(GAP);
}
