import type { Action, DetailLine, Entry, Listing } from './resource.ts';
import type { Form, Values } from './form.ts';

/** One thing that fills the screen; those below it are come back to. */
export type Screen =
  | {
      readonly kind: 'list';
      readonly resource: string;
      readonly filter: string;
      /** Id of the entry the cursor is on. */
      readonly cursor: string | undefined;
      /** Of a matrix. */
      readonly column: number;
      readonly folded: ReadonlySet<string>;
    }
  | {
      readonly kind: 'detail';
      readonly title: string;
      readonly entry: Entry;
      readonly lines: readonly DetailLine[] | undefined;
      readonly scroll: number;
    }
  | {
      readonly kind: 'menu';
      readonly title: string;
      readonly actions: readonly Action[];
      readonly at: number;
    }
  | {
      readonly kind: 'form';
      readonly form: Form;
      readonly values: Values;
      readonly at: number;
      /** Fields that were left once: their problems are shown. */
      readonly touched: ReadonlySet<string>;
      readonly busy: boolean;
      readonly failed: string | undefined;
    }
  | { readonly kind: 'help'; readonly scroll: number };

export interface Message {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'usual';
}

export interface ConsoleState {
  readonly client: string | undefined;
  readonly reveal: boolean;
  readonly screens: readonly Screen[];
  /** What is being typed at the bottom. */
  readonly prompt: { readonly kind: 'filter' | 'goto'; readonly text: string } | undefined;
  readonly listing: Listing | undefined;
  /** Whether the listing says what can be done: until the caller's rights are known it offers nothing. */
  readonly knowsRights: boolean;
  /** Why the listing is no longer that of now. */
  readonly trouble: string | undefined;
  readonly connection: 'none' | 'connecting' | 'live' | 'lost';
  readonly message: Message | undefined;
  /** Counts up when something is to be read again at once. */
  readonly wanted: number;
}

export type ConsoleAction =
  | { readonly kind: 'go'; readonly resource: string; readonly client?: string | undefined }
  | { readonly kind: 'push'; readonly screen: Screen }
  | { readonly kind: 'back' }
  /** Something was done: back to the list that it was done in, which is read again. */
  | { readonly kind: 'done'; readonly told: string }
  | { readonly kind: 'change'; readonly screen: Screen }
  | { readonly kind: 'prompt'; readonly prompt: ConsoleState['prompt'] }
  | {
      readonly kind: 'listing';
      readonly resource: string;
      readonly listing: Listing;
      readonly knowsRights: boolean;
    }
  | { readonly kind: 'trouble'; readonly why: string }
  | { readonly kind: 'detail'; readonly entry: Entry; readonly lines: readonly DetailLine[] }
  | { readonly kind: 'connection'; readonly connection: ConsoleState['connection'] }
  | { readonly kind: 'message'; readonly message: Message | undefined }
  | { readonly kind: 'reveal' }
  | { readonly kind: 'refresh' };

export const HOME = 'home';

export function listScreen(resource: string): Screen & { kind: 'list' } {
  return {
    kind: 'list',
    resource,
    filter: '',
    cursor: undefined,
    column: 0,
    folded: new Set(),
  };
}

export function initialState(client: string | undefined, reveal: boolean): ConsoleState {
  return {
    client,
    reveal,
    screens: [listScreen(client === undefined ? 'clients' : HOME)],
    prompt: undefined,
    listing: undefined,
    knowsRights: false,
    trouble: undefined,
    connection: 'none',
    message: undefined,
    wanted: 0,
  };
}

export function topOf({ screens }: ConsoleState): Screen {
  return screens.at(-1) ?? listScreen(HOME);
}

/** The list that is on the screen, or lies below what is. */
export function listOf({ screens }: ConsoleState): Screen & { kind: 'list' } {
  return (
    screens.findLast((screen): screen is Screen & { kind: 'list' } => screen.kind === 'list') ??
    listScreen(HOME)
  );
}

export function consoleReducer(state: ConsoleState, action: ConsoleAction): ConsoleState {
  switch (action.kind) {
    case 'go':
      return went(state, action.resource, action.client ?? state.client);
    case 'push':
      return { ...state, screens: [...state.screens, action.screen], message: undefined };
    case 'back':
      return cameBack(state);
    case 'done': {
      const at = state.screens.findLastIndex(({ kind }) => kind === 'list');
      const screens = state.screens.slice(0, at + 1);
      const message = { text: action.told, tone: 'good' } as const;
      return { ...state, screens, message, wanted: state.wanted + 1 };
    }
    case 'change':
      return { ...state, screens: [...state.screens.slice(0, -1), action.screen] };
    case 'prompt':
      return { ...state, prompt: action.prompt, message: undefined };
    case 'listing':
      return listOf(state).resource === action.resource
        ? {
            ...state,
            listing: action.listing,
            knowsRights: action.knowsRights,
            trouble: undefined,
          }
        : state;
    case 'trouble':
      return { ...state, trouble: action.why };
    case 'detail':
      return withDetail(state, action.entry, action.lines);
    case 'connection':
      return { ...state, connection: action.connection };
    case 'message':
      return { ...state, message: action.message };
    case 'reveal':
      return { ...state, reveal: !state.reveal, wanted: state.wanted + 1 };
    case 'refresh':
      return { ...state, wanted: state.wanted + 1 };
    default:
      return action satisfies never;
  }
}

/** Beyond it nobody remembers where they came from. */
const MOST_SCREENS = 20;

function went(state: ConsoleState, resource: string, client: string | undefined): ConsoleState {
  const screens = [...state.screens, listScreen(resource)].slice(-MOST_SCREENS);
  const cleared = { listing: undefined, trouble: undefined, message: undefined, prompt: undefined };
  return { ...state, ...cleared, client, screens, wanted: state.wanted + 1 };
}

function cameBack(state: ConsoleState): ConsoleState {
  if (state.screens.length <= 1) return state;
  const screens = state.screens.slice(0, -1);
  const before = listOf(state).resource;
  const after = { ...state, screens, message: undefined };
  if (listOf(after).resource === before) return after;
  return { ...after, listing: undefined, trouble: undefined, wanted: state.wanted + 1 };
}

function withDetail(state: ConsoleState, entry: Entry, lines: readonly DetailLine[]): ConsoleState {
  const screens = state.screens.map((screen) =>
    screen.kind === 'detail' && screen.entry.id === entry.id ? { ...screen, lines } : screen,
  );
  return { ...state, screens };
}

/** What the filter lets through (every word of it must occur), and what no folded entry hides. */
export function visibleEntries(
  { entries }: Listing,
  { filter, folded }: Screen & { kind: 'list' },
): readonly Entry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length > 0) {
    return entries.filter(({ search }) => words.every((one) => search.includes(one)));
  }
  const shown: Entry[] = [];
  let hiddenBelow = Infinity;
  for (const entry of entries) {
    if (entry.depth > hiddenBelow) continue;
    hiddenBelow = folded.has(entry.id) ? entry.depth : Infinity;
    shown.push(entry);
  }
  return shown;
}

export function cursorIndex(entries: readonly Entry[], cursor: string | undefined): number {
  return Math.max(
    0,
    entries.findIndex(({ id }) => id === cursor),
  );
}
