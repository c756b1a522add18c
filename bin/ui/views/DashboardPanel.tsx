import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { truncate } from '../width.ts';
import type { Theme } from './theme.ts';

/** Room that a panel has, its heading included. */
export interface PanelProps {
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

export interface Line {
  readonly text: string;
  readonly look?: Theme[keyof Theme];
}

/** A heading and as many lines as there is room for; what is left out is counted. */
export function Panel({
  title,
  body,
  theme,
  columns,
  lines,
}: PanelProps & { readonly title: string; readonly body: readonly Line[] }): ReactElement | null {
  const room = lines - 1;
  if (room < 1) return null;
  const shown = body.length > room ? body.slice(0, room - 1) : body;
  const left = body.length - shown.length;
  return (
    <Box flexDirection="column" width={columns} height={lines}>
      <Text {...theme.header} wrap="truncate">
        {truncate(title, columns)}
      </Text>
      {shown.map(({ text, look }, at) => (
        <Text key={at} {...look} wrap="truncate">
          {truncate(text, columns)}
        </Text>
      ))}
      {left > 0 ? <Text {...theme.dim}>{truncate(`… and ${left} more`, columns)}</Text> : null}
    </Box>
  );
}
