import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { pad, truncate, width, wrap } from '../width.ts';
import type { OpenLead, TimelineLine } from './tail-state.ts';
import type { Theme } from './theme.ts';

export interface LeadTimelineProps {
  readonly open: OpenLead;
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

const KIND = 18;
const GAP = '  ';
/** Narrower than this a detail is cut instead of broken. */
const LEAST_DETAIL = 20;
const MOST_DETAIL_LINES = 6;

/** What happened to one lead, oldest first. */
export function LeadTimeline({ open, theme, columns, lines }: LeadTimelineProps): ReactElement {
  const { row } = open;
  const who = [row.name, row.contact, row.source, row.status].filter(Boolean).join(' · ');
  return (
    <Box flexDirection="column" height={lines + 1}>
      <Text {...theme.header} wrap="truncate">
        {truncate(`${row.leadId}  ${who}`, columns)}
      </Text>
      <Text wrap="truncate">{textLines(open, columns).slice(0, lines).join('\n')}</Text>
    </Box>
  );
}

/** From the entry that is scrolled to; a long detail goes on below itself. */
function textLines({ timeline, scroll }: OpenLead, columns: number): readonly string[] {
  switch (timeline.kind) {
    case 'loading':
      return ['Loading…'];
    case 'failed':
      return [truncate(`Cannot load it: ${timeline.why}`, columns)];
    case 'loaded':
      return timeline.lines.slice(scroll).flatMap((line) => entryLines(line, columns));
    default:
      return timeline satisfies never;
  }
}

function entryLines({ at, kind, detail }: TimelineLine, columns: number): string[] {
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  const head = `${at.toTimeString().slice(0, 8)}.${ms}${GAP}${pad(truncate(kind, KIND), KIND)}${GAP}`;
  const room = columns - width(head);
  if (room < LEAST_DETAIL) return [truncate(head + detail, columns)];
  const [first = '', ...more] = wrap(detail, room, MOST_DETAIL_LINES);
  return [head + first, ...more.map((text) => ' '.repeat(width(head)) + text)];
}
