import type { ReactElement } from 'react';
import type { Theme } from '../../ui/views/theme.ts';
import type { DetailLine, Resource } from '../resource.ts';
import { DetailScreen } from './DetailScreen.tsx';

const KEYS: readonly DetailLine[] = [
  { name: 'Keys', text: '', isHeading: true },
  { name: '↑ ↓ j k', text: 'move; PgUp PgDn a page; g G first and last' },
  { name: 'Enter', text: 'open what the cursor is on' },
  { name: 'd', text: 'its detail, where Enter leads elsewhere' },
  { name: 'a', text: 'what can be done here: create, change, remove, retry …' },
  { name: '← →', text: 'fold and unfold in a tree; move along in a matrix; Space grants there' },
  { name: '/', text: 'filter; Esc clears it' },
  { name: ':', text: 'go anywhere; :client ID works on another client; Tab completes' },
  { name: 'm', text: 'show or mask personal data' },
  { name: 'y', text: 'copy the id' },
  { name: 'r', text: 'read it again now' },
  { name: 'Esc', text: 'back' },
  { name: 'q, Ctrl-C', text: 'leave' },
];

export interface HelpScreenProps {
  readonly resources: readonly Resource[];
  readonly scroll: number;
  readonly theme: Theme;
  readonly columns: number;
  readonly room: number;
}

export function helpLines(resources: readonly Resource[]): readonly DetailLine[] {
  return [
    ...KEYS,
    { name: 'Where : goes', text: '', isHeading: true },
    ...resources.map(({ name, aliases, summary }) => ({
      name: `:${name}`,
      text: aliases.length === 0 ? summary : `${summary} (:${aliases.join(', :')})`,
    })),
  ];
}

export function HelpScreen({ resources, ...props }: HelpScreenProps): ReactElement {
  return <DetailScreen {...props} lines={helpLines(resources)} />;
}
