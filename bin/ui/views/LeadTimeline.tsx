import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { pad, truncate } from '../width.ts';
import type { OpenLead } from './tail-state.ts';
import type { Theme } from './theme.ts';

export interface LeadTimelineProps {
  readonly open: OpenLead;
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

const TIME = 12;
const KIND = 20;

/** What happened to one lead, oldest first. */
export function LeadTimeline({ open, theme, columns, lines }: LeadTimelineProps): ReactElement {
  const { row, scroll } = open;
  const who = [row.name, row.contact, row.source, row.status].filter(Boolean).join(' · ');
  return (
    <Box flexDirection="column" height={lines + 1}>
      <Text {...theme.header} wrap="truncate">
        {truncate(`${row.leadId}  ${who}`, columns)}
      </Text>
      <Text wrap="truncate">
        {textLines(open, columns)
          .slice(scroll, scroll + lines)
          .join('\n')}
      </Text>
    </Box>
  );
}

function textLines({ timeline }: OpenLead, columns: number): readonly string[] {
  switch (timeline.kind) {
    case 'loading':
      return ['Loading…'];
    case 'failed':
      return [truncate(`Cannot load it: ${timeline.why}`, columns)];
    case 'loaded':
      return timeline.lines.map(({ at, kind, detail }) =>
        truncate(
          `${at.toTimeString().slice(0, 8)}.${pad(String(at.getMilliseconds()).padStart(3, '0'), TIME - 9)}  ${pad(truncate(kind, KIND), KIND)}  ${detail}`,
          columns,
        ),
      );
    default:
      return timeline satisfies never;
  }
}
