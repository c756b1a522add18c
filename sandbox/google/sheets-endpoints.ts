import type { SheetsDeps, SheetsOperation } from './operation.ts';
import type { Operation } from '../faults/faults.ts';
import type { ProviderCall, ProviderEndpoint } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { Access, GoogleAccess } from './access.ts';
import { appendValues } from './append.ts';
import { googleError, quotaExceeded } from './errors.ts';
import { batchGet, getSpreadsheet, getValues } from './read.ts';
import { FIRST_TAB } from './spreadsheets.ts';
import { updateValues } from './update.ts';
import { parseA1 } from './a1.ts';

/** The part of the Google Sheets API v4 that reads and writes values. */
export function sheetsEndpoints(deps: SheetsDeps): ProviderEndpoint[] {
  const base = '/v4/spreadsheets/:spreadsheet_id';
  const endpoint = (
    method: ProviderEndpoint['method'],
    path: string,
    operation: Operation,
    run: SheetsOperation,
  ): ProviderEndpoint => ({
    method,
    path: `${base}${path}`,
    provider: 'google_sheets',
    operation,
    subject: 'spreadsheet_id',
    handle: (call) => enter(call, run, method !== 'GET', deps),
  });
  return [
    endpoint('GET', '/values\\:batchGet', 'get', batchGet),
    endpoint('POST', '/values/:range\\:append', 'append', appendValues),
    endpoint('GET', '/values/:range', 'get', getValues),
    endpoint('PUT', '/values/:range', 'update', updateValues),
    endpoint('GET', '', 'spreadsheet', getSpreadsheet),
  ];
}

async function enter(
  call: ProviderCall,
  run: SheetsOperation,
  isWrite: boolean,
  deps: SheetsDeps,
): Promise<ProviderReply> {
  const access = authenticate(call, deps.access);
  if ('status' in access) return access;
  if (isWrite && !deps.writeQuota.spend(access.user)) return quotaExceeded();
  const id = call.params['spreadsheet_id'] ?? '';
  const spreadsheet = deps.spreadsheets.open(id, tabNamedIn(call));
  if (spreadsheet === undefined) return googleError(404);
  const { sharedWith } = spreadsheet;
  if (sharedWith !== undefined && !sharedWith.includes(access.email ?? '')) {
    return googleError(403);
  }
  const reply = await run(call, spreadsheet, deps);
  if (isWrite) deps.changed();
  return reply;
}

function authenticate(call: ProviderCall, access: GoogleAccess): Access | ProviderReply {
  const token = call.bearer ?? call.query.get('access_token') ?? undefined;
  if (token === undefined) {
    return googleError(
      403,
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    );
  }
  return access.whoIs(token) ?? googleError(401);
}

/** A spreadsheet that springs into being has the tab that the first call speaks of. */
function tabNamedIn(call: ProviderCall): string {
  const range = call.params['range'] ?? call.query.get('ranges') ?? '';
  return parseA1(range, [])?.sheet ?? FIRST_TAB;
}
