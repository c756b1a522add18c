import { z } from 'zod';
import { bigIdSchema } from '../../core/big-id.ts';
import type { Verdict } from '../outcome.ts';

/** What the Graph API says of a failure (developers.facebook.com/docs/graph-api/guides/error-handling). */
export interface GraphError {
  readonly code: number;
  readonly subcode: number | null;
  readonly isTransient: boolean;
  readonly message: string;
  readonly traceId: string | null;
}

/** One provider's error classes as data. A key is a code, or `code/subcode` where that decides. */
export interface GraphErrorTable<Class extends string = string> {
  readonly codes: Readonly<Record<string, Class>>;
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly is: Class }[];
  readonly classes: Readonly<Record<Class, Verdict>>;
  /** For codes not listed that the provider itself calls transient. */
  readonly transient: Class;
  readonly unlisted: Class;
}

/** The class of an error: by its code, never by the HTTP status it came with. */
export function classOf<Class extends string>(
  table: GraphErrorTable<Class>,
  error: Pick<GraphError, 'code' | 'subcode' | 'isTransient'>,
): Class {
  const listed = table.codes[`${error.code}/${error.subcode}`] ?? table.codes[String(error.code)];
  if (listed !== undefined) return listed;
  const range = table.ranges.find(({ from, to }) => error.code >= from && error.code <= to);
  if (range !== undefined) return range.is;
  return error.isTransient ? table.transient : table.unlisted;
}

export function verdictOf<Class extends string>(
  table: GraphErrorTable<Class>,
  error: Pick<GraphError, 'code' | 'subcode' | 'isTransient'>,
): Verdict {
  return table.classes[classOf(table, error)];
}

/** The code as shown and grouped by: with its subcode where there is one. */
export function codeLabel({ code, subcode }: Pick<GraphError, 'code' | 'subcode'>): string {
  return subcode === null ? String(code) : `${code}/${subcode}`;
}

/** The error in an answer's body, null when the body is no Graph error envelope. */
export function readGraphError(body: unknown): GraphError | null {
  const parsed = envelopeSchema.safeParse(body);
  if (!parsed.success) return null;
  const { error } = parsed.data;
  const details = error.error_data?.details ?? error.error_user_msg;
  return {
    code: error.code,
    subcode: error.error_subcode ?? null,
    isTransient: error.is_transient ?? false,
    message: details === undefined ? error.message : `${error.message} – ${details}`,
    traceId: error.fbtrace_id ?? null,
  };
}

const envelopeSchema = z.object({
  error: z.object({
    code: z.number().int(),
    message: z.string().default(''),
    error_subcode: z.number().int().optional(),
    is_transient: z.boolean().optional(),
    error_user_msg: z.string().optional(),
    error_data: z.object({ details: z.string().optional() }).optional().catch(undefined),
    fbtrace_id: bigIdSchema.optional().catch(undefined),
  }),
});
