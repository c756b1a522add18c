import type { z } from 'zod';
import { fail, type Failure, type FieldError } from '../core/errors.ts';

/** `value` through `schema`: its output, or the failure that names every field at fault. */
export function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'path' | 'query' | 'header' | 'body',
): z.output<S> | Failure {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error, where);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return fail(
    'validation_failed',
    first ? `${first.path}: ${first.message}${more}.` : 'The request is not valid.',
    { errors },
  );
}

const MOST_ERRORS = 50;

export function fieldErrors(error: z.ZodError, where: string): FieldError[] {
  return error.issues.slice(0, MOST_ERRORS).map((issue) => ({
    path: [where, ...issue.path].map(String).join('.'),
    message: issue.message,
  }));
}
