import type { Action, Entry } from '../../resource.ts';
import { cursorIndex, type Screen, visibleEntries } from '../../state.ts';
import { openAction } from './form-keys.ts';
import { clamp, type KeyDeps, movement, type Pressed } from './pressed.ts';

type ListScreen = Screen & { kind: 'list' };

export function listKeys(deps: KeyDeps, screen: ListScreen, pressed: Pressed): void {
  const { state, dispatch, copy } = deps;
  const { input, key } = pressed;
  const { listing } = state;
  const entries = listing === undefined ? [] : visibleEntries(listing, screen);
  const at = cursorIndex(entries, screen.cursor);
  const entry = entries[at];
  if (input === '/') {
    return dispatch({ kind: 'prompt', prompt: { kind: 'filter', text: screen.filter } });
  }
  if (input === ':') return dispatch({ kind: 'prompt', prompt: { kind: 'goto', text: '' } });
  if (input === 'm') return dispatch({ kind: 'reveal' });
  if (input === 'r') return dispatch({ kind: 'refresh' });
  if (key.escape) {
    return screen.filter === ''
      ? dispatch({ kind: 'back' })
      : dispatch({ kind: 'change', screen: { ...screen, filter: '' } });
  }
  if (listing?.matrix !== undefined && matrixKeys(deps, screen, pressed, entry)) return undefined;
  const by = movement(pressed, deps.page);
  if (by !== undefined) {
    const cursor = entries[clamp(at + by, entries.length - 1)]?.id;
    return dispatch({ kind: 'change', screen: { ...screen, cursor } });
  }
  if (input === 'a' && (listing === undefined || !state.knowsRights)) {
    const text = 'Asking what you may do; try again in a moment';
    return dispatch({ kind: 'message', message: { text, tone: 'usual' } });
  }
  if (input === 'a') return openMenu(deps, entry, listing?.actions ?? []);
  if (entry === undefined) return undefined;
  if (input === 'y') {
    copy(entry.id);
    return dispatch({ kind: 'message', message: { text: `Copied ${entry.id}`, tone: 'good' } });
  }
  if (key.leftArrow || key.rightArrow) {
    return dispatch({ kind: 'change', screen: fold(screen, entry, key.leftArrow) });
  }
  if (input === 'd') return openDetail(deps, entry);
  if (!key.return) return undefined;
  return entry.leadsTo === undefined
    ? openDetail(deps, entry)
    : dispatch({ kind: 'go', ...entry.leadsTo });
}

function fold(screen: ListScreen, { id }: Entry, isFolded: boolean): ListScreen {
  const folded = new Set(screen.folded);
  if (isFolded) folded.add(id);
  else folded.delete(id);
  return { ...screen, folded };
}

/** True where the key was the matrix's. */
function matrixKeys(
  deps: KeyDeps,
  screen: ListScreen,
  { input, key }: Pressed,
  entry: Entry | undefined,
): boolean {
  const { listing } = deps.state;
  const matrix = listing?.matrix;
  if (listing === undefined || matrix === undefined) return false;
  if (key.leftArrow || key.rightArrow) {
    const column = clamp(screen.column + (key.leftArrow ? -1 : 1), matrix.columns.length - 1);
    deps.dispatch({ kind: 'change', screen: { ...screen, column } });
    return true;
  }
  if (!key.return && input !== ' ') return false;
  if (entry !== undefined) {
    openAction(deps, matrix.toggle(listing.entries.indexOf(entry), screen.column));
  }
  return true;
}

export function openMenu(
  { dispatch }: KeyDeps,
  entry: Entry | undefined,
  others: readonly Action[],
): void {
  const actions = [...(entry?.actions ?? []), ...others];
  const title = entry === undefined ? 'What to do' : (entry.cells[0] ?? entry.id);
  dispatch({ kind: 'push', screen: { kind: 'menu', title, actions, at: 0 } });
}

function openDetail({ dispatch }: KeyDeps, entry: Entry): void {
  const title = entry.cells[0] ?? entry.id;
  dispatch({
    kind: 'push',
    screen: { kind: 'detail', title, entry, lines: undefined, scroll: 0 },
  });
  entry.detail().then(
    (lines) => dispatch({ kind: 'detail', entry, lines }),
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      dispatch({ kind: 'detail', entry, lines: [{ name: 'Cannot load it', text }] });
    },
  );
}
