import type { ProviderCall } from '../provider.ts';
import { renderOption, unparsable } from './parameters.ts';
import type { SheetsOperation } from './operation.ts';
import { locate, rangeName, readValues, transpose, type Target } from './values.ts';

/** spreadsheets.values.get */
export const getValues: SheetsOperation = (call, spreadsheet, deps) => {
  const range = call.params['range'] ?? '';
  const target = locate(deps.spreadsheets, spreadsheet, range);
  return target ? { status: 200, body: valueRange(target, call) } : unparsable(range);
};

/** spreadsheets.values.batchGet */
export const batchGet: SheetsOperation = (call, spreadsheet, deps) => {
  const valueRanges: unknown[] = [];
  for (const range of call.query.getAll('ranges')) {
    const target = locate(deps.spreadsheets, spreadsheet, range);
    if (target === undefined) return unparsable(range);
    valueRanges.push(valueRange(target, call));
  }
  return { status: 200, body: { spreadsheetId: spreadsheet.id, valueRanges } };
};

function valueRange(target: Target, call: ProviderCall): unknown {
  const isByColumn = call.query.get('majorDimension') === 'COLUMNS';
  const rows = readValues(target, renderOption(call.query.get('valueRenderOption')));
  const values = isByColumn ? transpose(rows) : rows;
  return {
    range: rangeName(target),
    majorDimension: isByColumn ? 'COLUMNS' : 'ROWS',
    ...(values.length > 0 ? { values } : {}),
  };
}

/** spreadsheets.get, without cell data. */
export const getSpreadsheet: SheetsOperation = (call, spreadsheet) => ({
  status: 200,
  body: {
    spreadsheetId: spreadsheet.id,
    properties: {
      title: spreadsheet.title,
      locale: 'en_US',
      autoRecalc: 'ON_CHANGE',
      timeZone: 'Etc/UTC',
    },
    sheets: spreadsheet.tabs.map(({ sheetId, title, grid }, index) => {
      const { rows, columns } = grid.extent();
      const rowCount = Math.max(1_000, rows);
      const columnCount = Math.max(26, columns);
      const gridProperties = { rowCount, columnCount };
      return { properties: { sheetId, title, index, sheetType: 'GRID', gridProperties } };
    }),
    spreadsheetUrl: `${call.origin}/_sandbox/sheets/${encodeURIComponent(spreadsheet.id)}`,
  },
});
