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
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
