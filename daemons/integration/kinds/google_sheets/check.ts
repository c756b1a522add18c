import { parseServiceAccount } from '../../../lib/providers/google-sheets/account.ts';
import { planHeader } from '../sending/sheet-table.ts';
import { deliverySettingsOf } from '../settings.ts';
import type { RunCheck } from './checks.ts';
import { failed, notSet, openSecret, passed, refused } from './check.ts';

/** The sheet is shared with the service account, has its tab, and its header fits. */
export const checkSheets: RunCheck = async (deps, { clientId, stored }, signal) => {
  const spreadsheetId = stored.google_sheet_id;
  const { service_account: sealed } = stored.config.google_sheets;
  const opened = openSecret(deps.keyring, clientId, 'google_sheets', sealed);
  const missing = [
    ...('check' in opened ? [opened.check] : []),
    ...(spreadsheetId === null ? [notSet('google_sheet_id')] : []),
  ];
  if ('check' in opened || spreadsheetId === null) return missing;
  const parsed = parseServiceAccount(opened.secret);
  if (!parsed.ok)
    return [
      failed('service_account', 'not_configured', {
        message: parsed.message,
        remedy: 'Set the JSON key file that Google gave out for the service account.',
      }),
    ];
  const target = { account: parsed.account, spreadsheetId, signal };
  const spreadsheet = await deps.sheets.getSpreadsheet(target);
  if (spreadsheet.kind !== 'ok') return [refused('spreadsheet', spreadsheet)];
  const { title, sheets } = spreadsheet.value;
  const shared = passed('spreadsheet', `${parsed.account.email} may read "${title}".`);
  const settings = deliverySettingsOf(spreadsheetId, stored.config).google_sheets;
  const sheetName = settings.sheet_name ?? sheets[0]?.title ?? 'Sheet1';
  if (!sheets.some((sheet) => sheet.title === sheetName)) {
    const there = sheets.map((sheet) => `"${sheet.title}"`).join(', ');
    const message = `There is no tab "${sheetName}", only ${there}.`;
    const remedy = 'Create it, or set google_sheets.sheet_name to another.';
    return [shared, failed('sheet', 'missing_sheet', { message, remedy })];
  }
  const header = await deps.sheets.readHeader({ ...target, sheetName });
  if (header.kind !== 'ok') return [shared, refused('header', header)];
  const plan = planHeader(header.value, settings.columns);
  const added = plan.header.slice(header.value.length);
  const message =
    added.length === 0
      ? `The header of "${sheetName}" has all columns.`
      : `With the first lead "${sheetName}" gets the columns ${added.join(', ')}.`;
  return [shared, passed('header', message)];
};
