import { pino, type DestinationStream, type Logger } from 'pino';

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
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
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
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    stack,
    ...(cause === undefined ? {} : { cause: presentError(cause) }),
  };
}
