import { Box, Text, useWindowSize } from 'ink';
import { type ReactElement, useEffect, useReducer, useState } from 'react';
import type { ConnectionState } from '../../client/events.ts';
import { pad, truncate, width } from '../width.ts';
import type { Feed } from './feed.ts';
import { TailList } from './TailList.tsx';
import { LeadTimeline } from './LeadTimeline.tsx';
import {
  emptyTail,
  perMinute,
  tailReducer,
  type TailRow,
  type TailState,
  type TimelineLine,
  visibleRows,
} from './tail-state.ts';
import type { Theme } from './theme.ts';
import { useTailInput } from './use-tail-input.ts';

export type TailItem =
  | { readonly kind: 'row'; readonly row: TailRow }
  | { readonly kind: 'connection'; readonly connection: ConnectionState };

export interface TailViewProps {
  readonly title: string;
  readonly feed: Feed<TailItem>;
  readonly loadTimeline: (leadId: string) => Promise<readonly TimelineLine[]>;
  readonly theme: Theme;
  readonly nowMs: () => number;
}

/** How often the feed is looked at: soon enough for an eye, seldom enough for a flood. */
const TICK_MS = 100;
/** Title, header of the list, footer, and one line less than the terminal so that it never scrolls. */
const CHROME_LINES = 4;
const LEAST_LINES = 3;

export function TailView({ title, feed, loadTimeline, theme, nowMs }: TailViewProps): ReactElement {
  const { columns, rows: height } = useWindowSize();
  const [state, dispatch] = useReducer(tailReducer, emptyTail);
  const [tickMs, setTickMs] = useState(nowMs);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = nowMs();
      const items = feed.take();
      for (const item of items) if (item.kind === 'connection') dispatch(item);
      const rows = items.flatMap((item) => (item.kind === 'row' ? [item.row] : []));
      if (rows.length > 0) dispatch({ kind: 'arrived', rows, nowMs: now });
      // The same second gives the same value, which draws nothing anew.
      setTickMs(Math.floor(now / 1_000) * 1_000);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [feed, nowMs]);

  const openLead = (row: TailRow): void => {
    const { leadId } = row;
    dispatch({ kind: 'open', row });
    loadTimeline(leadId).then(
      (lines) => dispatch({ kind: 'timeline', leadId, timeline: { kind: 'loaded', lines } }),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        dispatch({ kind: 'timeline', leadId, timeline: { kind: 'failed', why } });
      },
    );
  };
  const lines = Math.max(LEAST_LINES, height - CHROME_LINES);
  useTailInput({ state, dispatch, openLead, page: lines });

  return (
    <Box flexDirection="column" width={columns}>
      <StatusLine {...{ title, state, theme, columns }} rate={perMinute(state, tickMs)} />
      {state.open === undefined ? (
        <TailList {...{ state, theme, columns, lines }} />
      ) : (
        <LeadTimeline open={state.open} {...{ theme, columns, lines }} />
      )}
      <Text {...theme.dim} wrap="truncate">
        {truncate(footer(state), columns)}
      </Text>
    </Box>
  );
}

interface StatusLineProps {
  readonly title: string;
  readonly state: TailState;
  readonly theme: Theme;
  readonly columns: number;
  readonly rate: number;
}

function StatusLine({ title, state, theme, columns, rate }: StatusLineProps): ReactElement {
  const { text, look } = connectionText(state.connection, theme);
  const paused = state.paused ? ` · paused, ${state.held.length} held` : '';
  const counts = `${rate}/min · ${visibleRows(state).length} of ${state.total}${paused}`;
  const connection = truncate(text, Math.max(8, Math.floor(columns * 0.4)));
  const room = Math.max(0, columns - width(connection) - width(counts) - 4);
  return (
    <Text wrap="truncate">
      <Text {...theme.title}>{pad(truncate(title, room), room)}</Text>
      {'  '}
      <Text {...look}>{connection}</Text>
      {'  '}
      {counts}
    </Text>
  );
}

function connectionText(
  connection: ConnectionState,
  theme: Theme,
): { readonly text: string; readonly look: Theme[keyof Theme] } {
  switch (connection.kind) {
    case 'live':
      return { text: '● live', look: theme.good };
    case 'connecting':
      return { text: '○ connecting', look: theme.warning };
    case 'waiting':
      return { text: `○ reconnecting: ${connection.why}`, look: theme.bad };
    default:
      return connection satisfies never;
  }
}

function footer(state: TailState): string {
  if (state.typing) return `filter: ${state.filter}▏  Enter keeps it · Esc clears it`;
  if (state.open !== undefined) return '↑↓ scroll · Esc back · q quit';
  const filter = state.filter === '' ? '' : `filter "${state.filter}" · `;
  const pause = state.paused ? 'p go on' : 'p pause';
  return `${filter}/ filter · ${pause} · ↑↓ choose · Enter timeline · G newest · q quit`;
}
