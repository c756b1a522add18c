import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { GoogleAccess } from './access.ts';
import type { MinuteQuota } from './quota.ts';
import type { Spreadsheet, Spreadsheets } from './spreadsheets.ts';

export interface SheetsDeps {
  readonly spreadsheets: Spreadsheets;
  readonly access: GoogleAccess;
  readonly writeQuota: MinuteQuota;
  readonly maxCells: number;
  readonly changed: () => void;
}

/** A Sheets operation, once the caller and the spreadsheet are known. */
export type SheetsOperation = (
  call: ProviderCall,
  spreadsheet: Spreadsheet,
  deps: SheetsDeps,
) => ProviderReply | Promise<ProviderReply>;
