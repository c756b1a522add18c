import type { Clock } from '../../../../lib/core/clock.ts';
import type { CallReport, ProviderResult } from '../../../../lib/providers/outcome.ts';
import type { ServiceAccount } from '../../../../lib/providers/google-sheets/account.ts';
import type { SheetsClient } from '../../../../lib/providers/google-sheets/client.ts';

/** A sheet that rows are appended to. */
export interface SheetTarget {
  readonly account: ServiceAccount;
  readonly spreadsheetId: string;
  readonly sheetName: string;
  readonly signal: AbortSignal;
}

const TAB_MS = 30_000;
const MOST_TABS = 1_000;

/** The titles of first tabs, for clients who did not name one; each remembered for a moment. */
export interface FirstTabs {
  /** `NO_CALL` as its call where it was remembered. */
  titleOf(target: Omit<SheetTarget, 'sheetName'>): Promise<ProviderResult<string>>;
  forget(spreadsheetId: string): void;
}

export function createFirstTabs(deps: { client: SheetsClient; clock: Clock }): FirstTabs {
  const known = new Map<string, { readonly title: string; readonly atMs: number }>();
  return {
    async titleOf(target) {
      const nowMs = deps.clock().getTime();
      const last = known.get(target.spreadsheetId);
      if (last !== undefined && nowMs - last.atMs < TAB_MS) {
        return { kind: 'ok', value: last.title, call: NO_CALL };
      }
      const found = await deps.client.getSpreadsheet(target);
      if (found.kind !== 'ok') return found;
      const title = found.value.sheets[0]?.title ?? 'Sheet1';
      if (known.size >= MOST_TABS) known.clear();
      known.set(target.spreadsheetId, { title, atMs: nowMs });
      return { kind: 'ok', value: title, call: found.call };
    },
    forget(spreadsheetId) {
      known.delete(spreadsheetId);
    },
  };
}

/** "Lead ID", "lead-id" and "lead_id" name the same column. */
export function columnName(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

export interface HeaderPlan {
  /** The header as it has to be; the columns that were there keep their places. */
  readonly header: readonly string[];
  readonly isChanged: boolean;
}

/** What is there stays where it is, since people made it; columns that are missing come behind. */
export function planHeader(present: readonly string[], wanted: readonly string[]): HeaderPlan {
  const known = new Set(present.map(columnName));
  const missing = wanted.filter((column) => !known.has(columnName(column)));
  return { header: [...present, ...missing], isChanged: missing.length > 0 };
}

/** The header of the sheet, made or completed when it lacks a column. */
export async function ensureHeader(
  client: SheetsClient,
  target: SheetTarget,
  columns: readonly string[],
): Promise<ProviderResult<readonly string[]>> {
  const read = await client.readHeader(target);
  if (read.kind !== 'ok') return read;
  const { header, isChanged } = planHeader(read.value, columns);
  if (!isChanged) return read;
  const written = await client.writeHeader({ ...target, header });
  return written.kind === 'ok' ? { kind: 'ok', value: header, call: written.call } : written;
}

/**
 * Where the lead's id stands: in the column that the settings name for it, whatever else is called
 * alike in the sheet. `planHeader` saw to it that there is such a column.
 */
export function leadIdIndex(header: readonly string[], columns: readonly string[]): number {
  const column = columns.map(columnName).includes('lead_id') ? 'lead_id' : 'id';
  return header.map(columnName).indexOf(column);
}

/** A row in the sheet's own order; a column that is not configured stays empty. */
export function rowFor(
  header: readonly string[],
  columns: readonly string[],
  fields: Readonly<Record<string, string>>,
): string[] {
  const sources = new Map(columns.map((column) => [columnName(column), column]));
  return header.map((cell) => {
    const field = sources.get(columnName(cell));
    return field === undefined ? '' : (fields[field] ?? '');
  });
}

/** The number of the first row of a range such as `'Leads'!A12:I14`. */
export function firstRowOf(range: string): number | null {
  const [, row] = /![A-Z]*(\d+)/.exec(range.slice(range.lastIndexOf('!'))) ?? [];
  return row === undefined ? null : Number(row);
}

/** For what was known without asking. */
export const NO_CALL: CallReport = {
  operation: 'google_sheets.remembered',
  startedAt: new Date(0),
  durationMs: 0,
  httpStatus: null,
  sent: {},
  traceId: null,
};
