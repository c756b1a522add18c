import { DatabaseError } from 'pg';

/** SQLSTATE of an error that PostgreSQL raised, whichever library carried it here. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.code;
  if (error instanceof Error && 'nativeError' in error) return sqlState(error.nativeError);
  return undefined;
}

/** Name of the violated constraint, for telling one unique violation from another. */
export function violatedConstraint(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.constraint;
  if (error instanceof Error && 'nativeError' in error) {
    return violatedConstraint(error.nativeError);
  }
  return undefined;
}

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';
export const DEADLOCK = '40P01';

/**
 * An error that one row brings on itself: bad data (22), a broken constraint (23), too deep or too
 * large (54), or a deadlock between rows (40P01). The others are the server's.
 */
export function isRowError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && /^(?:22|23|54|40P01)/.test(state);
}

/** Codes of Node's sockets, and SQLSTATEs, that say «not now» rather than «not this». */
const OUTAGE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  // Its machine, or its container and with it its name, is gone for now.
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '08001', // the connection cannot be made
  '08006', // the connection broke
  '25006', // read only, as after a failover
  '40001', // could not be serialised
  '40P01', // deadlock
  '53100', // disk full
  '53200', // out of memory
  '53300', // too many connections
  '55P03', // a lock was not to be had
  '57014', // statement time-out
  '57P01', // shutting down
  '57P02', // crashed
  '57P03', // starting up
]);

/** The database is away or overwhelmed: the same request may succeed later. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = sqlState(error) ?? ('code' in error ? error.code : undefined);
  return (
    (typeof code === 'string' && OUTAGE_CODES.has(code)) ||
    error.name === 'KnexTimeoutError' ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(
      error.message,
    )
  );
}
