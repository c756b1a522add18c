import type { Screen } from '../../state.ts';
import { detailRows } from '../DetailScreen.tsx';
import { helpLines } from '../HelpScreen.tsx';
import { openMenu } from './list-keys.ts';
import { clamp, type KeyDeps, movement, type Pressed } from './pressed.ts';

export function detailKeys(
  deps: KeyDeps,
  screen: Screen & { kind: 'detail' | 'help' },
  pressed: Pressed,
): void {
  const { dispatch, columns, page } = deps;
  if (pressed.key.escape || pressed.key.leftArrow) return dispatch({ kind: 'back' });
  const lines = screen.kind === 'help' ? helpLines(deps.resources) : (screen.lines ?? []);
  const by = movement(pressed, page);
  if (by !== undefined) {
    const most = Math.max(0, detailRows(lines, columns).length - page);
    const scroll = clamp(screen.scroll + by, most);
    return dispatch({ kind: 'change', screen: { ...screen, scroll } });
  }
  if (screen.kind === 'help') return undefined;
  if (pressed.input === 'a') return openMenu(deps, screen.entry, []);
  if (pressed.input !== 'y') return undefined;
  deps.copy(screen.entry.id);
  return dispatch({
    kind: 'message',
    message: { text: `Copied ${screen.entry.id}`, tone: 'good' },
  });
}
