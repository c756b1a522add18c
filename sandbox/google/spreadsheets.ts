import { createBoundedMap } from '../bounded.ts';
import { createGrid, type Grid } from './grid.ts';

export interface Tab {
  readonly sheetId: number;
  readonly title: string;
  readonly grid: Grid;
}

export interface Spreadsheet {
  readonly id: string;
  readonly title: string;
  readonly tabs: Tab[];
  /** Set up through a control call: naming a tab it lacks is then an error, as at Google. */
  readonly isFixed: boolean;
  /** Who may use it; undefined means everybody. */
  readonly sharedWith: readonly string[] | undefined;
}

export interface SpreadsheetSetup {
  readonly id: string;
  readonly title?: string | undefined;
  readonly tabs?: readonly string[] | undefined;
  readonly sharedWith?: readonly string[] | undefined;
}

/** All spreadsheets; the one unused for longest since its making goes first. */
export interface Spreadsheets {
  find(id: string): Spreadsheet | undefined;
  /** Finds a spreadsheet, or lets it spring into being unless the store is strict. */
  open(id: string, firstTab: string): Spreadsheet | undefined;
  tab(spreadsheet: Spreadsheet, title: string | undefined): Tab | undefined;
  setUp(setup: SpreadsheetSetup): Spreadsheet;
  all(): Spreadsheet[];
  setStrict(isStrict: boolean): void;
  reset(): void;
}

export const FIRST_TAB = 'Sheet1';

export function createSpreadsheets(limits: { keepSpreadsheets: number }): Spreadsheets {
  const kept = createBoundedMap<Spreadsheet>(limits.keepSpreadsheets);
  let isStrict = false;

  function make(id: string, title: string, tabs: readonly string[], fixed: boolean): Spreadsheet {
    return { id, title, tabs: tabs.map(newTab), isFixed: fixed, sharedWith: undefined };
  }

  return {
    find: (id) => kept.get(id),
    open(id, firstTab) {
      const known = kept.get(id);
      if (known !== undefined || isStrict) return known;
      const made = make(id, 'Untitled spreadsheet', [firstTab], false);
      kept.set(id, made);
      return made;
    },
    tab(spreadsheet, title) {
      const { tabs } = spreadsheet;
      if (title === undefined) return tabs[0];
      const known = tabs.find((tab) => tab.title.toLowerCase() === title.toLowerCase());
      if (known !== undefined || spreadsheet.isFixed || isStrict) return known;
      const made = newTab(title, tabs.length);
      tabs.push(made);
      return made;
    },
    setUp(setup) {
      const made = make(setup.id, setup.title ?? setup.id, setup.tabs ?? [FIRST_TAB], true);
      const shared = { ...made, sharedWith: setup.sharedWith };
      kept.delete(setup.id);
      kept.set(setup.id, shared);
      return shared;
    },
    all: () => kept.values(),
    setStrict(strict) {
      isStrict = strict;
    },
    reset() {
      kept.clear();
      isStrict = false;
    },
  };
}

/** The first tab of a real spreadsheet has sheetId 0. */
function newTab(title: string, index: number): Tab {
  return { sheetId: index === 0 ? 0 : 1_000 + index, title, grid: createGrid() };
}
