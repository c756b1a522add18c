/** Every error code a caller can meet, with its HTTP status and its one public title. */
export const ERRORS = {
  malformed_request: { status: 400, title: 'The request could not be read' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  token_expired: { status: 401, title: 'The access token has expired' },
  invalid_credentials: { status: 401, title: 'E-mail or password is wrong' },
  invalid_api_key: { status: 401, title: 'The API key is not valid' },
  forbidden: { status: 403, title: 'Not allowed' },
  client_suspended: { status: 403, title: 'The client is suspended or archived' },
  origin_not_allowed: { status: 403, title: 'This origin may not use the API key' },
  scope_missing: { status: 403, title: 'The API key lacks the scope' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict with the current state' },
  client_exists: { status: 409, title: 'The client id is taken' },
  email_taken: { status: 409, title: 'The e-mail is already registered' },
  account_unproven: { status: 409, title: 'Nobody has shown whose account it is' },
  hierarchy_cycle: { status: 409, title: 'The move would close a loop in the hierarchy' },
  // Never answered at present: a repeat that comes while the first is under way waits, and gets its answer.
  idempotency_in_progress: { status: 409, title: 'The same request is still being processed' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  validation_failed: { status: 422, title: 'The request is not valid' },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used with another body',
  },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something failed on our side' },
  upstream_unavailable: { status: 503, title: 'Something this depends on is unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FieldError {
  /** Dotted path into the request, e.g. `body.email`. */
  readonly path: string;
  readonly message: string;
}

export interface FailureExtra {
  /** Another status of the same code: 502 for a bad answer from upstream, 504 for none in time. */
  readonly status?: 502 | 504;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An expected failure, returned as a value; anything thrown instead is a surprise and a 500. */
export class Failure<C extends ErrorCode = ErrorCode> {
  readonly code: C;
  /** For the reader: what failed, why, what to do next. Never holds a secret. */
  readonly detail: string;
  readonly extra: FailureExtra;

  constructor(code: C, detail: string, extra: FailureExtra = {}) {
    this.code = code;
    this.detail = detail;
    this.extra = extra;
  }
}

export function statusOf(failure: Failure): number {
  return failure.extra.status ?? ERRORS[failure.code].status;
}

export function fail<C extends ErrorCode>(
  code: C,
  detail: string,
  extra?: FailureExtra,
): Failure<C> {
  return new Failure(code, detail, extra);
}

export function isFailure(value: unknown): value is Failure {
  return value instanceof Failure;
}
