import { z } from 'zod';

/**
 * `JSON.parse`, but an integer beyond 2^53 becomes the string of its digits instead of another
 * number: Meta sends ids of that size unquoted. Throws SyntaxError as `JSON.parse` does.
 */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text, keepBigIntegers);
  return parsed;
}

/** A provider's id, string or integer, as a string. For values that `parseJson` read. */
export const idSchema = z
  .union([z.string().min(1), z.number().int().nonnegative()])
  .transform((id) => String(id));

// The third argument, with the number's source text, is in Node since 22 and not yet in the
// compiler's library.
function keepBigIntegers(_key: string, value: unknown, ...rest: readonly unknown[]): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = sourceOf(rest[0]);
  return source !== null && /^-?\d+$/.test(source) ? source : value;
}

function sourceOf(context: unknown): string | null {
  if (typeof context !== 'object' || context === null || !('source' in context)) return null;
  return typeof context.source === 'string' ? context.source : null;
}
