import type { ConnectionState } from '../../client/events.ts';

/** One event as the view shows it: texts are safe to print and masked as they should be. */
export interface TailRow {
  /** The event's own id. */
  readonly id: string;
  readonly leadId: string;
  readonly at: Date;
  readonly what: string;
  readonly name: string;
  readonly contact: string;
  readonly source: string;
  readonly status: string;
  /** What the filter looks into, in lower case. */
  readonly search: string;
}

export interface TimelineLine {
  readonly at: Date;
  readonly kind: string;
  readonly detail: string;
}

export interface OpenLead {
  readonly row: TailRow;
  readonly timeline:
    | { readonly kind: 'loading' }
    | { readonly kind: 'loaded'; readonly lines: readonly TimelineLine[] }
    | { readonly kind: 'failed'; readonly why: string };
  readonly scroll: number;
}

export interface TailState {
  /** Oldest first, a bounded number. */
  readonly rows: readonly TailRow[];
  /** What came while paused. */
  readonly held: readonly TailRow[];
  readonly paused: boolean;
  readonly filter: string;
  readonly typing: boolean;
  /** Id of the event that the cursor is on; none while the newest are followed. */
  readonly cursor: string | undefined;
  readonly connection: ConnectionState;
  readonly total: number;
  /** Arrival times of the last minute, in milliseconds. */
  readonly arrivals: readonly number[];
  readonly open: OpenLead | undefined;
}

export type TailAction =
  | { readonly kind: 'arrived'; readonly rows: readonly TailRow[]; readonly nowMs: number }
  | { readonly kind: 'connection'; readonly connection: ConnectionState }
  | { readonly kind: 'pause' }
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'typing'; readonly typing: boolean }
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'newest' }
  | { readonly kind: 'open'; readonly row: TailRow }
  | { readonly kind: 'timeline'; readonly leadId: string; readonly timeline: OpenLead['timeline'] }
  | { readonly kind: 'close' };

/** Beyond it the oldest go: a tail is for watching, `lead ls` for looking back. */
export const MOST_ROWS = 2_000;
const MINUTE_MS = 60_000;

export const emptyTail: TailState = {
  rows: [],
  held: [],
  paused: false,
  filter: '',
  typing: false,
  cursor: undefined,
  connection: { kind: 'connecting' },
  total: 0,
  arrivals: [],
  open: undefined,
};

export function tailReducer(state: TailState, action: TailAction): TailState {
  switch (action.kind) {
    case 'arrived':
      return arrived(state, action.rows, action.nowMs);
    case 'connection':
      return { ...state, connection: action.connection };
    case 'pause':
      return state.paused
        ? { ...state, paused: false, rows: newest(state.rows, state.held), held: [] }
        : { ...state, paused: true };
    case 'filter':
      return { ...state, filter: action.text, cursor: undefined };
    case 'typing':
      return { ...state, typing: action.typing };
    case 'move':
      return state.open === undefined ? moved(state, action.by) : scrolled(state, action.by);
    case 'newest':
      return { ...state, cursor: undefined };
    case 'open':
      return { ...state, open: { row: action.row, timeline: { kind: 'loading' }, scroll: 0 } };
    case 'timeline':
      return state.open?.row.leadId === action.leadId
        ? { ...state, open: { ...state.open, timeline: action.timeline } }
        : state;
    case 'close':
      return { ...state, open: undefined };
    default:
      return action satisfies never;
  }
}

/** The rows that the filter lets through: every word of it must occur. */
export function visibleRows({ rows, filter }: TailState): readonly TailRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0
    ? rows
    : rows.filter(({ search }) => words.every((word) => search.includes(word)));
}

/** The row that Enter opens: under the cursor, else the newest. */
export function rowAtCursor(state: TailState): TailRow | undefined {
  const shown = visibleRows(state);
  return shown.find(({ id }) => id === state.cursor) ?? shown.at(-1);
}

export function perMinute({ arrivals }: TailState, nowMs: number): number {
  return arrivals.filter((atMs) => nowMs - atMs < MINUTE_MS).length;
}

function arrived(state: TailState, rows: readonly TailRow[], nowMs: number): TailState {
  const recent = state.arrivals.filter((atMs) => nowMs - atMs < MINUTE_MS);
  const counted = {
    ...state,
    total: state.total + rows.length,
    arrivals: [...recent, ...rows.map(() => nowMs)],
  };
  return state.paused
    ? { ...counted, held: newest(state.held, rows) }
    : { ...counted, rows: newest(state.rows, rows) };
}

function newest(before: readonly TailRow[], more: readonly TailRow[]): readonly TailRow[] {
  return [...before, ...more].slice(-MOST_ROWS);
}

function moved(state: TailState, by: number): TailState {
  const shown = visibleRows(state);
  const at = shown.findIndex(({ id }) => id === state.cursor);
  const from = at < 0 ? shown.length - 1 : at;
  const to = Math.max(0, Math.min(shown.length - 1, from + by));
  return { ...state, cursor: shown[to]?.id };
}

function scrolled(state: TailState, by: number): TailState {
  if (state.open?.timeline.kind !== 'loaded') return state;
  const last = Math.max(0, state.open.timeline.lines.length - 1);
  const scroll = Math.max(0, Math.min(last, state.open.scroll + by));
  return { ...state, open: { ...state.open, scroll } };
}
