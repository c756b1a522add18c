import type { ErrorCode } from '../../lib/core/errors.ts';
import { CliError, interrupted } from '../cli/failure.ts';
import { type ExitCode, exitCodeForStatus, exitCodes } from '../exit-codes.ts';

/** A failure as its reader needs it, wherever it came from. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly why?: string | undefined;
  readonly next?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  /** Where an unexpected failure came from, for `LEADCTL_DEBUG`. */
  readonly stack?: string | undefined;
}

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

const LOG_IN = 'leadctl login';
const NEXT = new Map<string, string>(
  Object.entries({
    unauthenticated: LOG_IN,
    token_expired: LOG_IN,
    invalid_credentials: 'leadctl login again, or leadctl password forgot for a link to a new one',
    invalid_api_key: 'leadctl key ls shows the keys that are alive',
    forbidden: 'leadctl can-i METHOD PATH says which role is missing what',
    scope_missing: 'leadctl key create NAME with the scope that is missing',
    client_suspended: 'leadctl client activate CLIENT_ID',
    not_found: 'check the id with the `ls` command of the same noun, and --client',
    client_exists: 'leadctl client get CLIENT_ID, or create it with --if-not-exists',
    email_taken: 'leadctl user ls, or create it with --if-not-exists',
    hierarchy_cycle: 'leadctl hierarchy tree shows who is below whom',
    idempotency_in_progress: 'wait a little and run it again',
    validation_failed: 'correct the fields above and run it again',
    rate_limited: 'wait a little and run it again',
    internal_error: 'look the request id up in the logs of the service',
    upstream_unavailable: 'leadctl status shows which service is down',
  } satisfies Partial<Record<ErrorCode, string>>),
);

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const TIMED_OUT = /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;
const MAX_CAUSES = 8;

/** Makes sense of whatever was thrown: our own errors, an API problem, a dead connection, a defect. */
export function describeFailure(error: unknown, url: string | undefined): Failure {
  if (error instanceof Error && error.name === 'AbortError')
    return describeFailure(interrupted(), url);
  if (error instanceof CliError) {
    const { exitCode = exitCodes.failed, code = 'failed', why, next } = error.details;
    return { exitCode, code, message: error.message, why, next };
  }
  return describeProblem(error) ?? describeConnection(error, url) ?? describeDefect(error);
}

/** RFC 9457 fields, on the thrown value itself or in its `problem`. */
function describeProblem(error: unknown): Failure | undefined {
  const problem = isRecord(error) && isRecord(error['problem']) ? error['problem'] : error;
  if (!isRecord(problem)) return undefined;
  const { status, code, title, detail } = problem;
  if (typeof status !== 'number' || typeof code !== 'string') return undefined;
  const requestId = problem['request_id'];
  const errors = fieldErrors(problem['errors']);
  const why = text(detail)?.replace('GET /api/permissions lists', 'leadctl permission ls lists');
  const message = text(title) ?? why ?? code;
  return {
    exitCode: exitCodeForStatus(status),
    code,
    message,
    why: saysTheSame(why, message) ? undefined : why,
    next: nextOf(code, why),
    status,
    requestId: text(requestId),
    errors: errors?.filter(({ message: told }) => !why?.includes(told)),
  };
}

/** Of a request to the gateway only: a database that refuses is another thing with another remedy. */
function describeConnection(error: unknown, url: string | undefined): Failure | undefined {
  if (!isFetchFailure(error)) return undefined;
  const where = url === undefined ? 'the gateway' : `the gateway at ${url}`;
  for (const cause of causesOf(error)) {
    const code = text(cause['code']) ?? '';
    if (UNREACHABLE.has(code)) {
      return {
        exitCode: exitCodes.failed,
        code: 'gateway_unreachable',
        message: `Cannot reach ${where}`,
        why: code,
        next: 'start it with `leadctl up`, or set LEADCTL_URL',
      };
    }
    if (TIMED_OUT.test(code) || isTimeout(error)) {
      return {
        exitCode: exitCodes.failed,
        code: 'gateway_timeout',
        message: `No answer in time from ${where}`,
        next: 'leadctl status shows which service is slow or down',
      };
    }
  }
  return undefined;
}

function isFetchFailure(error: unknown): boolean {
  return (error instanceof TypeError && error.message === 'fetch failed') || isTimeout(error);
}

/** What `AbortSignal.timeout` rejects with. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function describeDefect(error: unknown): Failure {
  const known = error instanceof Error;
  return {
    exitCode: exitCodes.failed,
    code: 'unexpected',
    message: known ? error.message : String(error),
    next: 'if this looks like a defect, run it again with LEADCTL_DEBUG=1 and report what it prints',
    stack: known ? error.stack : undefined,
  };
}

/** The error, its causes and what an `AggregateError` gathers, a few levels deep. */
function causesOf(error: unknown): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && found.length < MAX_CAUSES) {
    const next = queue.shift();
    if (!isRecord(next)) continue;
    found.push(next);
    queue.push(next['cause'], ...(Array.isArray(next['errors']) ? next['errors'] : []));
  }
  return found;
}

function nextOf(code: string, why: string | undefined): string | undefined {
  if (why?.startsWith('There is no client ')) return 'leadctl client ls';
  const [, role, operation] = /^Role (.+) does not hold (.+)\.$/.exec(why ?? '') ?? [];
  if (role !== undefined && operation !== undefined) {
    return `leadctl role grant '${role}' '${operation}' by somebody who may`;
  }
  return NEXT.get(code);
}

/** Whether a second sentence only says the first one again. */
function saysTheSame(why: string | undefined, message: string): boolean {
  const words = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/\b(the|a|an)\b|[^a-z0-9 ]/g, '')
      .replaceAll(/ +/g, ' ')
      .trim();
  return why !== undefined && words(why) === words(message);
}

function fieldErrors(value: unknown): FieldError[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = value.filter(isRecord).map((entry) => ({
    path: Array.isArray(entry['path']) ? entry['path'].join('.') : (text(entry['path']) ?? ''),
    message: text(entry['message']) ?? '',
  }));
  return list.length === 0 ? undefined : list;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
