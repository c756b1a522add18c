import { z } from 'zod';

export interface Spreadsheet {
  readonly spreadsheetId: string;
  readonly title: string;
  readonly sheets: readonly {
    readonly sheetId: number;
    readonly title: string;
    readonly rowCount: number;
    readonly columnCount: number;
  }[];
}

export interface Appended {
  readonly updatedRange: string;
  readonly updatedRows: number;
}

export const appendedSchema = z
  .object({ updates: z.object({ updatedRange: z.string(), updatedRows: z.number().int() }) })
  .transform(({ updates }): Appended => updates);

const cellSchema = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((cell) => String(cell ?? ''));

export const firstLineSchema = z
  .object({ values: z.array(z.array(cellSchema)).optional() })
  .transform(({ values }): readonly string[] => values?.[0] ?? []);

export const spreadsheetSchema = z
  .object({
    spreadsheetId: z.string(),
    properties: z.object({ title: z.string().default('') }).default({ title: '' }),
    sheets: z.array(
      z.object({
        properties: z.object({
          sheetId: z.number().default(0),
          title: z.string(),
          gridProperties: z
            .object({ rowCount: z.number().default(0), columnCount: z.number().default(0) })
            .default({ rowCount: 0, columnCount: 0 }),
        }),
      }),
    ),
  })
  .transform(({ spreadsheetId, properties, sheets }): Spreadsheet => {
    return {
      spreadsheetId,
      title: properties.title,
      sheets: sheets.map(({ properties: { sheetId, title, gridProperties } }) => {
        return { sheetId, title, ...gridProperties };
      }),
    };
  });
