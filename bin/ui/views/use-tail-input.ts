import { useApp, useInput } from 'ink';
import { rowAtCursor, type TailAction, type TailRow, type TailState } from './tail-state.ts';

export interface TailKeys {
  readonly state: TailState;
  readonly dispatch: (action: TailAction) => void;
  readonly openLead: (row: TailRow) => void;
  /** How many rows a page has. */
  readonly page: number;
}

/** Keys of the tail: what each does stands in its footer. */
export function useTailInput({ state, dispatch, openLead, page }: TailKeys): void {
  const { exit } = useApp();
  useInput((input, key) => {
    if (key.ctrl && input === 'c') return exit();
    if (state.typing) return typeFilter(state, dispatch, input, key);
    if (input === 'q') return exit();
    if (key.escape) return dispatch(escapeOf(state));
    if (key.upArrow || input === 'k') return dispatch({ kind: 'move', by: -1 });
    if (key.downArrow || input === 'j') return dispatch({ kind: 'move', by: 1 });
    if (key.pageUp) return dispatch({ kind: 'move', by: -page });
    if (key.pageDown) return dispatch({ kind: 'move', by: page });
    if (state.open !== undefined) return undefined;
    if (input === '/') return dispatch({ kind: 'typing', typing: true });
    if (input === 'p' || input === ' ') return dispatch({ kind: 'pause' });
    if (key.end || input === 'G') return dispatch({ kind: 'newest' });
    if (!key.return) return undefined;
    const row = rowAtCursor(state);
    return row === undefined ? undefined : openLead(row);
  });
}

/** Leaves the innermost thing: the open lead, then the cursor, then the filter. */
function escapeOf(state: TailState): TailAction {
  if (state.open !== undefined) return { kind: 'close' };
  if (state.cursor !== undefined) return { kind: 'newest' };
  return { kind: 'filter', text: '' };
}

type Key = Parameters<Parameters<typeof useInput>[0]>[1];

function typeFilter(
  { filter }: TailState,
  dispatch: (action: TailAction) => void,
  input: string,
  key: Key,
): void {
  if (key.escape) {
    dispatch({ kind: 'filter', text: '' });
    dispatch({ kind: 'typing', typing: false });
  } else if (key.return) {
    dispatch({ kind: 'typing', typing: false });
  } else if (key.backspace || key.delete) {
    dispatch({ kind: 'filter', text: withoutLast(filter) });
  } else if (key.ctrl && input === 'u') {
    dispatch({ kind: 'filter', text: '' });
  } else if (!key.ctrl && !key.meta && input !== '') {
    dispatch({ kind: 'filter', text: filter + input.replaceAll(/\p{Cc}/gu, '') });
  }
}

/** One backspace takes what looks like one character. */
function withoutLast(text: string): string {
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  return characters.slice(0, -1).join('');
}
