import type { Terminal } from '../../io.ts';
import type { DashboardAction } from './dashboard-state.ts';
import { DashboardView } from './DashboardView.tsx';
import { createFeed, type Feed } from './feed.ts';
import { runView } from './run-view.ts';
import { createTheme } from './theme.ts';

export interface DashboardDrawing {
  readonly title: string;
  readonly colour: boolean;
  readonly refresh: () => void;
  readonly signal: AbortSignal;
}

/** What a flood may heap up between two looks at it. */
const MOST_ITEMS = 1_000;

/** Begins to draw the dashboard; `view` resolves when the person leaves it. */
export function drawDashboard(
  terminal: Terminal,
  { title, colour, refresh, signal }: DashboardDrawing,
): { readonly view: Promise<void>; readonly feed: Feed<DashboardAction> } {
  const feed = createFeed<DashboardAction>(MOST_ITEMS);
  const theme = createTheme(colour);
  const view = runView(terminal, <DashboardView {...{ title, feed, refresh, theme }} />, signal);
  return { view, feed };
}
