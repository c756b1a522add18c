import { parseServiceAccount } from '../../../../lib/providers/google-sheets/account.ts';
import { failed, incomplete, passed, refused } from '../../checks/check.ts';
import type { Kind } from '../kind.ts';
import { columnsOf, sheetsSettings } from './settings.ts';
import { planHeader } from './table.ts';

/** The sheet is shared with the service account, has its tab, and its header fits. */
export const checkSheets: Kind['check'] = async ({ settings: stored, secret, signal }, deps) => {
  const opened = secret('service_account');
  const settings = sheetsSettings.safeParse(stored);
  if ('check' in opened || !settings.success) {
    return [
      ...('check' in opened ? [opened.check] : []),
      ...(settings.success ? [] : incomplete('google_sheets', settings.error)),
    ];
  }
  const { spreadsheet_id: spreadsheetId, sheet_name: named } = settings.data;
  const parsed = parseServiceAccount(opened.secret);
  if (!parsed.ok)
    return [
      failed('service_account', 'not_configured', {
        message: parsed.message,
        remedy: 'Set the JSON key file that Google gave out for the service account.',
      }),
    ];
  const target = { account: parsed.account, spreadsheetId, signal };
  const spreadsheet = await deps.clients.sheets.getSpreadsheet(target);
  if (spreadsheet.kind !== 'ok') return [refused('spreadsheet', spreadsheet)];
  const { title, sheets } = spreadsheet.value;
  const shared = passed('spreadsheet', `${parsed.account.email} may read "${title}".`);
  const sheetName = named ?? sheets[0]?.title ?? 'Sheet1';
  if (!sheets.some((sheet) => sheet.title === sheetName)) {
    const there = sheets.map((sheet) => `"${sheet.title}"`).join(', ');
    const message = `There is no tab "${sheetName}", only ${there}.`;
    const remedy = 'Create it, or set sheet_name to another.';
    return [shared, failed('sheet', 'missing_sheet', { message, remedy })];
  }
  const header = await deps.clients.sheets.readHeader({ ...target, sheetName });
  if (header.kind !== 'ok') return [shared, refused('header', header)];
  const plan = planHeader(header.value, columnsOf(settings.data));
  const added = plan.header.slice(header.value.length);
  const message =
    added.length === 0
      ? `The header of "${sheetName}" has all columns.`
      : `With the first lead "${sheetName}" gets the columns ${added.join(', ')}.`;
  return [shared, passed('header', message)];
};
