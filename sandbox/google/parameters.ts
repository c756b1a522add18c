import { z } from 'zod';
import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { ValueInputOption, ValueRenderOption } from './cells.ts';
import { googleError } from './errors.ts';
import { transpose, type Values } from './values.ts';

const valueRange = z.object({
  range: z.string().optional(),
  majorDimension: z.enum(['ROWS', 'COLUMNS', 'DIMENSION_UNSPECIFIED']).optional(),
  values: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))).optional(),
});

/** Google's limit on what one cell may hold. */
const MOST_CHARACTERS = 50_000;

/** The rows of a ValueRange body, or Google's complaint about it. */
export function readRows(call: ProviderCall): { rows: Values } | ProviderReply {
  const parsed = valueRange.safeParse(readJson(call.body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? 'data';
    return googleError(400, `Invalid value at 'data.${where}' (${issue?.message ?? 'invalid'})`);
  }
  const { values = [], majorDimension } = parsed.data;
  for (const value of values.flat()) {
    if (typeof value === 'string' && value.length > MOST_CHARACTERS) {
      return googleError(
        400,
        `Your input contains more than the maximum of ${MOST_CHARACTERS} characters in a single cell.`,
      );
    }
  }
  return { rows: majorDimension === 'COLUMNS' ? transpose(values) : values };
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** How values are entered; Google has no default for it. */
export function inputOption(call: ProviderCall): ValueInputOption | ProviderReply {
  const option = call.query.get('valueInputOption');
  if (option === 'RAW' || option === 'USER_ENTERED') return option;
  return googleError(400, "'valueInputOption' is required but not specified");
}

export function renderOption(text: string | null): ValueRenderOption {
  return text === 'UNFORMATTED_VALUE' || text === 'FORMULA' ? text : 'FORMATTED_VALUE';
}

export function unparsable(range: string): ProviderReply {
  return googleError(400, `Unable to parse range: ${range}`);
}

export function tooManyCells(maxCells: number): ProviderReply {
  return googleError(
    400,
    `This action would increase the number of cells in the workbook above the limit of ${maxCells} cells.`,
  );
}
