import type { Terminal } from '../../io.ts';
import { createFeed, type Feed } from './feed.ts';
import { runView } from './run-view.ts';
import { MOST_ROWS, type TimelineLine } from './tail-state.ts';
import { type TailItem, TailView } from './TailView.tsx';
import { createTheme } from './theme.ts';

export interface TailDrawing {
  readonly title: string;
  readonly colour: boolean;
  readonly loadTimeline: (leadId: string) => Promise<readonly TimelineLine[]>;
  readonly signal: AbortSignal;
}

/** Begins to draw the tail; `view` resolves when the person leaves it. */
export function drawTail(
  terminal: Terminal,
  { title, colour, loadTimeline, signal }: TailDrawing,
): { readonly view: Promise<void>; readonly feed: Feed<TailItem> } {
  const feed = createFeed<TailItem>(MOST_ROWS);
  const theme = createTheme(colour);
  const view = runView(
    terminal,
    <TailView {...{ title, feed, loadTimeline, theme }} nowMs={Date.now} />,
    signal,
  );
  return { view, feed };
}
