import { Box, Text, useApp, useInput, useWindowSize } from 'ink';
import { type ReactElement, useEffect, useReducer } from 'react';
import { pad, truncate, width } from '../width.ts';
import {
  type DashboardAction,
  dashboardReducer,
  type DashboardState,
  emptyDashboard,
} from './dashboard-state.ts';
import { DashboardBody } from './DashboardBody.tsx';
import type { Feed } from './feed.ts';
import type { Theme } from './theme.ts';

export interface DashboardViewProps {
  readonly title: string;
  readonly feed: Feed<DashboardAction>;
  /** Asks for the numbers now instead of in a while. */
  readonly refresh: () => void;
  readonly theme: Theme;
}

const TICK_MS = 200;

export function DashboardView({ title, feed, refresh, theme }: DashboardViewProps): ReactElement {
  const { columns, rows } = useWindowSize();
  const [state, dispatch] = useReducer(dashboardReducer, emptyDashboard);
  const { exit } = useApp();
  useEffect(() => {
    const timer = setInterval(() => feed.take().forEach(dispatch), TICK_MS);
    return () => clearInterval(timer);
  }, [feed]);
  useInput((input, key) => {
    if (input === 'q' || (key.ctrl && input === 'c')) exit();
    else if (input === 'r') refresh();
  });
  // One line less than the terminal has, so that it never scrolls.
  const lines = Math.max(3, rows - 1);
  return (
    <Box flexDirection="column" width={columns} height={lines} overflow="hidden">
      <TitleLine {...{ title, state, theme, columns }} />
      <Box flexDirection="column" height={lines - 2} overflow="hidden">
        {state.data === undefined ? (
          <Text {...theme.dim}>Loading…</Text>
        ) : (
          <DashboardBody
            data={state.data}
            newest={state.newest}
            {...{ theme, columns }}
            lines={lines - 2}
          />
        )}
      </Box>
      <Text {...theme.dim} wrap="truncate">
        {truncate('r refresh now · q quit', columns)}
      </Text>
    </Box>
  );
}

function TitleLine(props: {
  readonly title: string;
  readonly state: DashboardState;
  readonly theme: Theme;
  readonly columns: number;
}): ReactElement {
  const { title, state, theme, columns } = props;
  const { text, look } = condition(state, theme);
  const told = truncate(text, Math.max(8, Math.floor(columns * 0.6)));
  const room = Math.max(0, columns - width(told) - 2);
  return (
    <Text wrap="truncate">
      <Text {...theme.title}>{pad(truncate(title, room), room)}</Text>
      {'  '}
      <Text {...look}>{told}</Text>
    </Text>
  );
}

function condition(
  { connection, trouble, data }: DashboardState,
  theme: Theme,
): { readonly text: string; readonly look: Theme[keyof Theme] } {
  const at = data === undefined ? '' : ` ${data.at.toTimeString().slice(0, 8)}`;
  if (trouble !== undefined) return { text: `○ as of${at}: ${trouble}`, look: theme.bad };
  switch (connection.kind) {
    case 'live':
      return { text: `● live${at}`, look: theme.good };
    case 'connecting':
      return { text: '○ connecting', look: theme.warning };
    case 'waiting':
      return { text: `○ reconnecting: ${connection.why}`, look: theme.bad };
    default:
      return connection satisfies never;
  }
}
