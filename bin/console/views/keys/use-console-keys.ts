import { useApp, useInput } from 'ink';
import { type ConsoleState, topOf } from '../../state.ts';
import { detailKeys } from './detail-keys.ts';
import { formKeys } from './form-keys.ts';
import { listKeys } from './list-keys.ts';
import { menuKeys } from './menu-keys.ts';
import { type KeyDeps, onePerKey, type Pressed } from './pressed.ts';
import { promptKeys } from './prompt-keys.ts';

/** Every key, by what is on the screen; what each does stands in the footer and in the help. */
export function useConsoleKeys(
  given: Omit<KeyDeps, 'state'> & { readonly stateNow: () => ConsoleState },
): void {
  const { exit } = useApp();
  useInput((input, key) => {
    for (const pressed of onePerKey(input, key)) {
      press({ ...given, state: given.stateNow() }, pressed, exit);
    }
  });
}

function press(deps: KeyDeps, pressed: Pressed, exit: () => void): void {
  const { input, key } = pressed;
  if (key.ctrl && input === 'c') return exit();
  if (deps.state.prompt !== undefined) return promptKeys(deps, pressed, exit);
  const top = topOf(deps.state);
  if (top.kind === 'form') return formKeys(deps, top, pressed);
  if (input === 'q') return exit();
  if (input === '?' && top.kind !== 'help') {
    return deps.dispatch({ kind: 'push', screen: { kind: 'help', scroll: 0 } });
  }
  switch (top.kind) {
    case 'list':
      return listKeys(deps, top, pressed);
    case 'menu':
      return menuKeys(deps, top, pressed);
    case 'detail':
    case 'help':
      return detailKeys(deps, top, pressed);
    default:
      return top satisfies never;
  }
}
