import type { Screen } from '../../state.ts';
import { openAction } from './form-keys.ts';
import { clamp, type KeyDeps, movement, type Pressed } from './pressed.ts';

export function menuKeys(deps: KeyDeps, screen: Screen & { kind: 'menu' }, pressed: Pressed): void {
  const { dispatch } = deps;
  const { actions, at } = screen;
  if (pressed.key.escape || pressed.key.leftArrow) return dispatch({ kind: 'back' });
  const number = /^[1-9]$/.test(pressed.input) ? Number(pressed.input) - 1 : undefined;
  const chosen = number ?? (pressed.key.return ? at : undefined);
  if (chosen !== undefined) {
    const action = actions[chosen];
    if (action !== undefined) openAction(deps, action);
    return undefined;
  }
  const by = movement(pressed, deps.page);
  if (by === undefined) return undefined;
  return dispatch({
    kind: 'change',
    screen: { ...screen, at: clamp(at + by, actions.length - 1) },
  });
}
