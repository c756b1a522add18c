import { z } from 'zod';
import { label } from '../../../../lib/contract/refinements.ts';
import { parseServiceAccount } from '../../../../lib/providers/google-sheets/account.ts';

export const sheetId = z
  .string()
  .trim()
  .regex(/^[\w-]{1,200}$/, {
    message: 'must be the id alone: what stands between /d/ and /edit in the sheet’s address',
  });

const column = label(200).meta({ pattern: String.raw`^\S(?:.*\S)?$` });
export const columns = z
  .array(column)
  .min(1)
  .max(200)
  .refine((all) => new Set(all).size === all.length, { message: 'names a column twice' })
  .meta({ uniqueItems: true });

const DEFAULT_COLUMNS: readonly string[] = [
  'lead_id',
  'created_at',
  'name',
  'email',
  'phone',
  'source',
  'status',
  'product',
  'lead_reference_id',
];

export const sheetsSettings = z.strictObject({
  spreadsheet_id: sheetId.describe('What stands between /d/ and /edit in the sheet’s address'),
  sheet_name: z.string().min(1).max(100).optional().describe('The tab; the first one unless told'),
  columns: columns
    .default([...DEFAULT_COLUMNS])
    .describe(
      'Fields of the lead or of its form, one a column; lead_id is added where it is missing',
    ),
  time_zone: z
    .string()
    .max(100)
    .refine(isTimeZone, { message: 'must be a time zone such as Europe/Berlin' })
    .optional()
    .describe('For times in the sheet, such as Europe/Berlin; UTC unless told'),
});
export type SheetsSettings = z.output<typeof sheetsSettings>;

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Without the lead's id a row that may be there could not be looked for. */
export function columnsOf({ columns: named }: SheetsSettings): readonly string[] {
  const has = named.some((one) => one === 'lead_id' || one === 'id');
  return has ? named : [...named, 'lead_id'];
}

/** The JSON key file of a service account, as text or as it stands. */
export const serviceAccount = z
  .union([z.string().min(1).max(20_000), z.looseObject({ type: z.literal('service_account') })])
  .transform((given) => (typeof given === 'string' ? given : JSON.stringify(given)))
  .superRefine((text, context) => {
    const parsed = parseServiceAccount(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.message });
  });
