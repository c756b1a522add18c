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

/**
 * An error that one row brings on itself: bad data (22), a broken constraint (23), too deep or too
 * large (54), or a deadlock between rows (40P01). The others are the server's.
 */
export function isRowError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && /^(?:22|23|54|40P01)/.test(state);
}
