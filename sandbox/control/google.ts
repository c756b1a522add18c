import { createPublicKey } from 'node:crypto';
import { fail } from '../../lib/core/errors.ts';
import { render, type CellValue } from '../google/cells.ts';
import type { Spreadsheet, Tab } from '../google/spreadsheets.ts';
import type { ControlDeps, ControlHandlers } from './deps.ts';

type GoogleHandlers = Pick<
  ControlHandlers,
  'readSheet' | 'setUpSheet' | 'configureGoogle' | 'registerServiceAccount'
>;

export function googleHandlers({ state }: ControlDeps): GoogleHandlers {
  const { spreadsheets, googleAccess } = state;
  return {
    readSheet: ({ params, query }) => {
      const spreadsheet = spreadsheets.find(params.spreadsheet_id);
      const tab = spreadsheet && tabToShow(spreadsheet, query.sheet);
      return {
        values: tab ? valuesOf(tab) : [],
        sheet: tab?.title ?? null,
        sheets: spreadsheet?.tabs.map(({ title }) => title) ?? [],
      };
    },
    setUpSheet: ({ params, body }) => {
      const made = spreadsheets.setUp({
        id: params.spreadsheet_id,
        title: body.title,
        tabs: body.sheets,
        sharedWith: body.shared_with,
      });
      made.tabs[0]?.grid.write(0, 0, body.values ?? []);
      state.changed();
      return { ok: true };
    },
    configureGoogle: ({ body }) => {
      if (body.strict !== undefined) spreadsheets.setStrict(body.strict);
      if (body.expire_tokens) googleAccess.expireAll();
      return { ok: true };
    },
    registerServiceAccount: ({ body }) => {
      if (!isPublicKey(body.public_key)) {
        return fail('validation_failed', 'public_key is not a public key in PEM.', {
          errors: [{ path: 'body.public_key', message: 'must be a public key in PEM' }],
        });
      }
      googleAccess.registerAccount(body.client_email, body.public_key);
      return { ok: true };
    },
  };
}

function tabToShow({ tabs }: Spreadsheet, title: string | undefined): Tab | undefined {
  if (title !== undefined) return tabs.find((tab) => tab.title === title);
  return tabs.find(({ grid }) => grid.cellCount() > 0) ?? tabs[0];
}

/** Rows of cells as they are stored, so that a number that should have been text shows. */
export function valuesOf({ grid }: Tab, from = 0, to = Infinity): CellValue[][] {
  const area = { top: from, left: 0, bottom: to, right: Infinity };
  return grid.read(area).map((row) => Array.from(row, (cell) => render(cell, 'UNFORMATTED_VALUE')));
}

function isPublicKey(pem: string): boolean {
  try {
    return createPublicKey(pem).type === 'public';
  } catch {
    return false;
  }
}
