import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { truncate, width } from '../width.ts';
import type { DashboardData } from './dashboard-state.ts';
import type { Line } from './DashboardPanel.tsx';
import type { Theme } from './theme.ts';

const GAP = '  ';

export interface ServicesProps {
  readonly rows: readonly (readonly Line[])[];
}

/** Services as lines that fit, those that are down first and with the reason. */
export function serviceRows(
  services: DashboardData['services'],
  theme: Theme,
  columns: number,
): readonly (readonly Line[])[] {
  const down = services.filter(({ isUp }) => !isUp);
  const up = services.filter(({ isUp }) => isUp);
  const rows: Line[][] = down.map(({ name, detail }) => [
    { text: truncate(`✗ ${name}  ${detail}`, columns), look: theme.bad },
  ]);
  let row: Line[] = [];
  let used = 0;
  for (const { name } of up) {
    const text = `● ${name}`;
    if (used > 0 && used + width(text) > columns) {
      rows.push(row);
      row = [];
      used = 0;
    }
    row.push({ text: `${text}${GAP}`, look: theme.good });
    used += width(text) + GAP.length;
  }
  return row.length === 0 ? rows : [...rows, row];
}

export function Services({ rows }: ServicesProps): ReactElement {
  return (
    <Box flexDirection="column">
      {rows.map((row, at) => (
        <Text key={at} wrap="truncate">
          {row.map(({ text, look }) => (
            <Text key={text} {...look}>
              {text}
            </Text>
          ))}
        </Text>
      ))}
    </Box>
  );
}
