import { Text } from 'ink';
import type { ReactElement } from 'react';
import type { Theme } from '../../ui/views/theme.ts';
import { pad, width, wrap } from '../../ui/width.ts';
import type { DetailLine } from '../resource.ts';

const MOST_NAME = 24;
const GAP = '  ';
const MOST_LINES = 40;

export interface DetailScreenProps {
  readonly lines: readonly DetailLine[] | undefined;
  readonly scroll: number;
  readonly theme: Theme;
  readonly columns: number;
  readonly room: number;
}

/** Properties and what belongs to it, from the line that is scrolled to; long texts go on below themselves. */
export function DetailScreen(props: DetailScreenProps): ReactElement {
  const { lines, scroll, theme, columns, room } = props;
  if (lines === undefined) return <Text {...theme.dim}>Loading…</Text>;
  return (
    <>
      {detailRows(lines, columns)
        .slice(scroll, scroll + room)
        .map(({ name, text, isHeading }, at) => (
          <Text key={scroll + at} wrap="truncate">
            <Text {...theme.header}>{name === '' && text === '' ? ' ' : name}</Text>
            {isHeading === true ? '' : text}
          </Text>
        ))}
    </>
  );
}

/** As they stand on the screen, one element a row. */
export function detailRows(lines: readonly DetailLine[], columns: number): DetailLine[] {
  const names = lines.filter(({ isHeading }) => isHeading !== true).map(({ name }) => width(name));
  const wide = Math.min(MOST_NAME, Math.max(0, ...names));
  return lines.flatMap(({ name, text, isHeading }) => {
    if (isHeading === true)
      return [
        { name: '', text: '' },
        { name, text, isHeading },
      ];
    const room = Math.max(10, columns - wide - GAP.length);
    const parts = text === '' ? [''] : wrap(text, room, MOST_LINES);
    return parts.map((part, at) => ({
      name: pad(at === 0 ? name : '', wide) + GAP,
      text: part,
    }));
  });
}
