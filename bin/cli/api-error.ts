import type { Problem } from '../../lib/core/problem.ts';

/** The gateway answered, with a problem. Its exit code and its next step follow from the problem's code. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

type Answer<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly problem: Problem };

/** What was asked for; throws an `ApiError` where a command has nothing to do but report the problem. */
export function bodyOf<Body>(answer: Answer<Body>): Body {
  if (answer.ok) return answer.body;
  throw new ApiError(answer.problem);
}
