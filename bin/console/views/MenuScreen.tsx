import { Text } from 'ink';
import type { ReactElement } from 'react';
import type { Theme } from '../../ui/views/theme.ts';
import { truncate } from '../../ui/width.ts';
import type { Screen } from '../state.ts';

export interface MenuScreenProps {
  readonly screen: Screen & { kind: 'menu' };
  readonly theme: Theme;
  readonly columns: number;
  readonly lines: number;
}

/** What can be done here; the severe in another colour. */
export function MenuScreen({ screen, theme, columns, lines }: MenuScreenProps): ReactElement {
  const { actions, at, title } = screen;
  const from = Math.max(0, Math.min(at - lines + 3, actions.length - lines + 2));
  return (
    <>
      <Text {...theme.title}>{truncate(title, columns)}</Text>
      <Text> </Text>
      {actions.length === 0 ? <Text {...theme.dim}>Nothing: you may only read here.</Text> : null}
      {actions.slice(from, from + lines - 2).map((action, row) => (
        <Text
          key={action.label}
          {...(action.severe === true ? theme.warning : {})}
          {...(from + row === at ? theme.selected : {})}
          wrap="truncate"
        >
          {`${from + row < 9 ? from + row + 1 : ' '}  ${action.label} `}
        </Text>
      ))}
    </>
  );
}
