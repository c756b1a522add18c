import { setTimeout as sleep } from 'node:timers/promises';
import { formatA1 } from './a1.ts';
import { inputOption, readRows, tooManyCells, unparsable } from './parameters.ts';
import type { SheetsOperation } from './operation.ts';
import { hasRoom, updateResponse } from './update.ts';
import { locate, placeAfterTable, writeValues } from './values.ts';

/** How long an OVERWRITE append takes between finding its place and writing: the window of the real race. */
const OVERWRITE_WINDOW_MS = 5;

/** spreadsheets.values.append */
export const appendValues: SheetsOperation = async (call, spreadsheet, deps) => {
  const option = inputOption(call);
  if (typeof option !== 'string') return option;
  const read = readRows(call);
  if ('status' in read) return read;
  const range = call.params['range'] ?? '';
  const target = locate(deps.spreadsheets, spreadsheet, range);
  if (target === undefined) return unparsable(range);
  if (!hasRoom(spreadsheet, read.rows, deps.maxCells)) return tooManyCells(deps.maxCells);

  const { tab } = target;
  const { table, at } = placeAfterTable(target);
  if (call.query.get('insertDataOption') === 'INSERT_ROWS') {
    tab.grid.insertRows(at.top, read.rows.length);
  } else {
    await sleep(OVERWRITE_WINDOW_MS);
  }
  const written = writeValues({ tab, area: at }, read.rows, option);
  return {
    status: 200,
    body: {
      spreadsheetId: spreadsheet.id,
      ...(table ? { tableRange: formatA1(tab.title, table) } : {}),
      updates: updateResponse(call, spreadsheet, written),
    },
  };
};
