import type { Key } from 'ink';
import type { Resource } from '../../resource.ts';
import type { ConsoleAction, ConsoleState } from '../../state.ts';

export interface KeyDeps {
  /** As it is now: keys that come in one piece each meet what the one before it left. */
  readonly state: ConsoleState;
  readonly dispatch: (action: ConsoleAction) => void;
  readonly resources: readonly Resource[];
  readonly copy: (text: string) => void;
  readonly columns: number;
  /** How many rows a page has. */
  readonly page: number;
}

export interface Pressed {
  readonly input: string;
  readonly key: Key;
}

/** Fast typing, a slow line and a paste bring several keys in one piece. */
export function onePerKey(input: string, key: Key): Pressed[] {
  const characters = Array.from(input);
  if (characters.length <= 1 || key.ctrl || key.meta) return [{ input, key }];
  return characters.map((character) => {
    const isReturn = character === '\r' || character === '\n';
    const isErase = character === '\u007f' || character === '\b';
    const isTab = character === '\t';
    return {
      input: isReturn || isErase || isTab ? '' : character,
      key: { ...key, return: isReturn, backspace: isErase, tab: isTab },
    };
  });
}

/** How far a key moves a cursor or a page; undefined where it moves nothing. */
export function movement({ input, key }: Pressed, page: number): number | undefined {
  if (key.upArrow || input === 'k') return -1;
  if (key.downArrow || input === 'j') return 1;
  if (key.pageUp) return -page;
  if (key.pageDown || input === ' ') return page;
  if (input === 'g' || key.home) return -Infinity;
  return input === 'G' || key.end ? Infinity : undefined;
}

export function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
