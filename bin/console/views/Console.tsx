import { Box, Text, useWindowSize } from 'ink';
import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react';
import type { Theme } from '../../ui/views/theme.ts';
import { pad, truncate, width } from '../../ui/width.ts';
import type { Resource } from '../resource.ts';
import {
  type ConsoleAction,
  consoleReducer,
  type ConsoleState,
  initialState,
  listOf,
  topOf,
  visibleEntries,
} from '../state.ts';
import { DetailScreen } from './DetailScreen.tsx';
import { FormScreen } from './FormScreen.tsx';
import { HelpScreen } from './HelpScreen.tsx';
import { useConsoleKeys } from './keys/use-console-keys.ts';
import { ListScreen } from './ListScreen.tsx';
import { MatrixScreen } from './MatrixScreen.tsx';
import { MenuScreen } from './MenuScreen.tsx';
import { type ConsoleSource, useConsoleData } from './use-console-data.ts';

export interface ConsoleProps {
  readonly source: ConsoleSource;
  readonly resources: readonly Resource[];
  readonly client: string | undefined;
  readonly reveal: boolean;
  readonly theme: Theme;
  /** Hands a text to the terminal's clipboard. */
  readonly copy: (text: string) => void;
}

/** Title, body and footer: one line less than the terminal has, so that it never scrolls. */
export function Console(props: ConsoleProps): ReactElement {
  const { source, resources, theme, copy } = props;
  const { columns, rows } = useWindowSize();
  const { state, stateNow, dispatch } = useConsoleState(props);
  useConsoleData({ state, dispatch, source, resources });
  const lines = Math.max(3, rows - 1);
  const room = Math.max(1, lines - 2);
  useConsoleKeys({ stateNow, dispatch, resources, copy, columns, page: Math.max(1, room - 1) });
  useEffect(() => {
    if (state.message === undefined || state.message.tone === 'bad') return undefined;
    const timer = setTimeout(() => dispatch({ kind: 'message', message: undefined }), 6_000);
    return () => clearTimeout(timer);
  }, [state.message, dispatch]);
  return (
    <Box flexDirection="column" width={columns} height={lines} overflow="hidden">
      <TitleLine {...{ state, resources, theme, columns }} />
      <Box flexDirection="column" height={room} overflow="hidden">
        <Body {...{ state, resources, theme, columns, room }} />
      </Box>
      <Footer {...{ state, theme, columns }} />
    </Box>
  );
}

/** The state for drawing, and the very newest for keys: several of them may come before the next drawing. */
function useConsoleState({ client, reveal }: ConsoleProps) {
  const [state, setState] = useState(() => initialState(client, reveal));
  const newest = useRef(state);
  const dispatch = useCallback((action: ConsoleAction) => {
    newest.current = consoleReducer(newest.current, action);
    setState(newest.current);
  }, []);
  const stateNow = useCallback(() => newest.current, []);
  return { state, stateNow, dispatch };
}

interface PartProps {
  readonly state: ConsoleState;
  readonly theme: Theme;
  readonly columns: number;
}

function Body({
  state,
  resources,
  theme,
  columns,
  room,
}: PartProps & { readonly resources: readonly Resource[]; readonly room: number }): ReactElement {
  const top = topOf(state);
  switch (top.kind) {
    case 'detail':
      return <DetailScreen lines={top.lines} scroll={top.scroll} {...{ theme, columns, room }} />;
    case 'menu':
      return <MenuScreen screen={top} lines={room} {...{ theme, columns }} />;
    case 'form':
      return <FormScreen screen={top} lines={room} {...{ theme, columns }} />;
    case 'help':
      return <HelpScreen scroll={top.scroll} {...{ resources, theme, columns, room }} />;
    case 'list': {
      const resource = resources.find(({ name }) => name === top.resource);
      const { listing } = state;
      if (resource === undefined) return <Text>There is no such view.</Text>;
      const entries = listing && visibleEntries(listing, top);
      const shared = { screen: top, theme, columns, lines: room - 1 };
      if (listing?.matrix !== undefined && entries !== undefined) {
        const { matrix } = listing;
        return <MatrixScreen {...shared} listing={{ ...listing, matrix }} entries={entries} />;
      }
      return <ListScreen {...shared} resource={resource} entries={entries} />;
    }
    default:
      return top satisfies never;
  }
}

function TitleLine({
  state,
  resources,
  theme,
  columns,
}: PartProps & { readonly resources: readonly Resource[] }): ReactElement {
  const { text, look } = conditionOf(state, theme);
  const right = `${text}${state.reveal ? '  unmasked' : ''}`;
  const shown = truncate(right, Math.max(8, Math.floor(columns * 0.5)));
  const room = Math.max(0, columns - width(shown) - 1);
  return (
    <Text wrap="truncate">
      <Text {...theme.title}>{pad(truncate(titleOf(state, resources), room), room)}</Text>{' '}
      <Text {...look}>{shown}</Text>
    </Text>
  );
}

function titleOf(state: ConsoleState, resources: readonly Resource[]): string {
  const top = topOf(state);
  const list = listOf(state);
  const resource = resources.find(({ name }) => name === list.resource);
  const place = resource?.isOfClient === true ? `${state.client ?? ''} ▸ ` : '';
  const count = state.listing
    ? ` (${state.listing.entries.length}${state.listing.more ? '+' : ''})`
    : '';
  const filter = list.filter === '' ? '' : ` /${list.filter}`;
  const base = `${place}${resource?.title ?? list.resource}${count}${filter}`;
  if (top.kind === 'detail' || top.kind === 'menu') return `${base} ▸ ${top.title}`;
  return top.kind === 'help' ? 'Help' : base;
}

function conditionOf({ trouble, connection }: ConsoleState, theme: Theme) {
  if (trouble !== undefined) return { text: `○ ${trouble}`, look: theme.bad };
  switch (connection) {
    case 'live':
      return { text: '● live', look: theme.good };
    case 'lost':
      return { text: '○ reconnecting', look: theme.bad };
    case 'connecting':
      return { text: '○ connecting', look: theme.warning };
    case 'none':
      return { text: '', look: theme.dim };
    default:
      return connection satisfies never;
  }
}

function Footer({ state, theme, columns }: PartProps): ReactElement {
  const { prompt, message } = state;
  if (prompt !== undefined) {
    const sign = prompt.kind === 'filter' ? '/' : ':';
    return <Text wrap="truncate">{truncate(`${sign}${prompt.text}▏`, columns)}</Text>;
  }
  if (message !== undefined) {
    const look = message.tone === 'usual' ? {} : theme[message.tone];
    return (
      <Text {...look} wrap="truncate">
        {truncate(message.text, columns)}
      </Text>
    );
  }
  return (
    <Text {...theme.dim} wrap="truncate">
      {truncate(hintsFor(state), columns)}
    </Text>
  );
}

function hintsFor(state: ConsoleState): string {
  switch (topOf(state).kind) {
    case 'list':
      return 'Enter open · a act · / filter · : go · m unmask · y copy · ? help · Esc back · q quit';
    case 'detail':
      return '↑↓ scroll · a act · y copy · Esc back · q quit';
    case 'menu':
      return '↑↓ choose · Enter · Esc back';
    case 'form':
      return '↑↓ field · Enter next · Ctrl-S do it · Esc give up';
    case 'help':
      return '↑↓ scroll · Esc back';
  }
}
