import { googleError } from './errors.ts';
import { inputOption, readRows, renderOption, tooManyCells, unparsable } from './parameters.ts';
import type { SheetsOperation } from './operation.ts';
import { locate, rangeName, readValues, writeValues } from './values.ts';
import type { Values, Written } from './values.ts';
import type { ProviderCall } from '../provider.ts';
import type { Spreadsheet } from './spreadsheets.ts';
import type { Rectangle } from './a1.ts';

/** spreadsheets.values.update */
export const updateValues: SheetsOperation = (call, spreadsheet, deps) => {
  const option = inputOption(call);
  if (typeof option !== 'string') return option;
  const read = readRows(call);
  if ('status' in read) return read;
  const range = call.params['range'] ?? '';
  const target = locate(deps.spreadsheets, spreadsheet, range);
  if (target === undefined) return unparsable(range);
  if (!fits(read.rows, target.area)) {
    return googleError(
      400,
      `Requested writing within range [${rangeName(target)}], but tried writing outside it`,
    );
  }
  if (!hasRoom(spreadsheet, read.rows, deps.maxCells)) return tooManyCells(deps.maxCells);
  const written = writeValues(target, read.rows, option);
  return { status: 200, body: updateResponse(call, spreadsheet, written) };
};

/** Google lets a single-cell range grow, and no other. */
function fits(rows: Values, area: Rectangle): boolean {
  const height = area.bottom - area.top;
  const width = area.right - area.left;
  if (height === 1 && width === 1) return true;
  return rows.length <= height && rows.every((row) => row.length <= width);
}

export function hasRoom(spreadsheet: Spreadsheet, rows: Values, maxCells: number): boolean {
  const held = spreadsheet.tabs.reduce((sum, tab) => sum + tab.grid.cellCount(), 0);
  return held + rows.reduce((sum, row) => sum + row.length, 0) <= maxCells;
}

export function updateResponse(call: ProviderCall, spreadsheet: Spreadsheet, written: Written) {
  const option = renderOption(call.query.get('responseValueRenderOption'));
  const range = rangeName(written.target);
  return {
    spreadsheetId: spreadsheet.id,
    updatedRange: range,
    updatedRows: written.rows,
    updatedColumns: written.columns,
    updatedCells: written.cells,
    ...(call.query.get('includeValuesInResponse') === 'true'
      ? {
          updatedData: {
            range,
            majorDimension: 'ROWS',
            values: readValues(written.target, option),
          },
        }
      : {}),
  };
}
