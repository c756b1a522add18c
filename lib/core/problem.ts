import { z } from 'zod';
import { ERRORS, statusOf, type Failure } from './errors.ts';

/** RFC 9457 problem details, as every daemon answers an error. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export function toProblem(failure: Failure, requestId: string): Problem {
  const { title } = ERRORS[failure.code];
  return {
    type: `urn:leadctl:error:${failure.code}`,
    title,
    status: statusOf(failure),
    detail: failure.detail,
    code: failure.code,
    request_id: requestId,
    ...(failure.extra.errors ? { errors: [...failure.extra.errors] } : {}),
  };
}
