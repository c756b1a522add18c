import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Theme } from '../../ui/views/theme.ts';
import { pad, truncate, width } from '../../ui/width.ts';
import type { Entry, Listing, Matrix } from '../resource.ts';
import { cursorIndex, type Screen } from '../state.ts';
import { pageStart } from './ListScreen.tsx';

const CELL = 11;
const LEAST_NAME = 24;

export interface MatrixScreenProps {
  readonly listing: Listing & { readonly matrix: Matrix };
  readonly screen: Screen & { kind: 'list' };
  readonly entries: readonly Entry[];
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

/** Rows against columns, with a cursor on one cell; as many columns as there is room for, around it. */
export function MatrixScreen(props: MatrixScreenProps): ReactElement {
  const { listing, screen, entries, theme, columns, lines } = props;
  const { matrix } = listing;
  const most = Math.max(1, Math.floor((columns - LEAST_NAME) / CELL));
  const left = Math.max(0, Math.min(screen.column - most + 1, matrix.columns.length - most));
  const shown = matrix.columns.slice(left, left + most);
  const name = columns - shown.length * CELL;
  const at = cursorIndex(entries, screen.cursor);
  const from = pageStart(at, entries.length, lines);
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Text {...theme.header}>{pad('', name)}</Text>
        {shown.map((label, column) => (
          <Text
            key={label}
            {...theme.header}
            {...(left + column === screen.column ? theme.selected : {})}
          >
            {centred(truncate(label, CELL - 1))}
          </Text>
        ))}
      </Text>
      {entries.slice(from, from + lines).map((entry, row) => {
        const index = listing.entries.indexOf(entry);
        const isHere = from + row === at;
        return (
          <Text key={entry.id} wrap="truncate">
            <Text {...(isHere ? theme.title : {})}>
              {pad(truncate(entry.cells.join(' '), name - 1), name)}
            </Text>
            {shown.map((label, column) => (
              <Text
                key={label}
                {...(isHere && left + column === screen.column ? theme.selected : {})}
              >
                {centred(matrix.has(index, left + column) ? '●' : '·')}
              </Text>
            ))}
          </Text>
        );
      })}
    </Box>
  );
}

function centred(text: string): string {
  const before = Math.max(0, Math.floor((CELL - width(text)) / 2));
  return pad(`${' '.repeat(before)}${text}`, CELL);
}
