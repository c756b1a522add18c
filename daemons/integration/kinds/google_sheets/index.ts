import { textIn, type Kind } from '../kind.ts';
import { checkSheets } from './check.ts';
import { createSheetsWork } from './send.ts';
import { serviceAccount, sheetsSettings } from './settings.ts';

const spreadsheetOf = (settings: unknown): string => textIn(settings, 'spreadsheet_id') ?? '-';

export const googleSheetsKind: Kind = {
  kind: 'google_sheets',
  title: 'Row in a Google sheet',
  settings: sheetsSettings,
  secrets: {
    service_account: {
      title: 'JSON key file of the service account that the sheet is shared with',
      given: serviceAccount,
      isRequired: true,
    },
  },
  doubt: 'look_first',
  account: spreadsheetOf,
  place: (settings) => `${spreadsheetOf(settings)} ${textIn(settings, 'sheet_name') ?? ''}`,
  createWork: ({ clients, clock }) => createSheetsWork({ client: clients.sheets, clock }),
  checkIsSilent: true,
  check: checkSheets,
};
