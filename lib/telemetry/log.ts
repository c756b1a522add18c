import { defined } from '../core/defined.ts';
import { pino, type DestinationStream, type LogFn, type Logger } from 'pino';
import type { ErrorReports } from './error-reports.ts';

export type { Logger };

/** Never printed, wherever they stand in what is logged. */
const SECRET_PATHS = [
  'password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'key',
  'secret',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogOptions {
  readonly service: string;
  readonly version: string;
  readonly level: string;
  readonly destination?: DestinationStream;
  /** Told of every error that is logged as one. */
  readonly reports?: ErrorReports | undefined;
}

/** Structured JSON lines, one a record, with the service's name on each. */
export function createLogger(options: LogOptions): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service, version: options.version },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: presentError },
    ...(options.reports === undefined
      ? {}
      : { hooks: reportingErrors(options.service, options.reports) }),
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

const ERROR_LEVEL = 50;

function reportingErrors(service: string, reports: ErrorReports) {
  return {
    logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn, level: number) {
      const [fields, message]: unknown[] = args;
      if (
        level >= ERROR_LEVEL &&
        typeof fields === 'object' &&
        fields !== null &&
        'err' in fields
      ) {
        const { err, request_id: requestId, route }: Record<string, unknown> = { ...fields };
        reports.report(err, {
          service,
          message: textOf(message) ?? '',
          requestId: textOf(requestId),
          route: textOf(route),
        });
      }
      method.apply(this, args);
    },
  };
}

/**
 * What is logged of an error. PostgreSQL quotes whole rows in `detail` and `where`, so only what
 * names no value of a lead goes out.
 */
function presentError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  const constraint = 'constraint' in error ? error.constraint : undefined;
  return {
    type: name,
    message,
    ...defined({ code, constraint }),
    stack,
    ...(cause === undefined ? {} : { cause: presentError(cause) }),
  };
}
