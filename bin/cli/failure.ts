import { defined } from '../../lib/core/defined.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

export interface FailureDetails {
  readonly exitCode?: ExitCode;
  /** Stable and machine-readable, as the API's codes are. */
  readonly code?: string;
  readonly why?: string;
  /** What to type or do next. */
  readonly next?: string;
}

/** Ends a command with a message for its reader and an exit code for its caller. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly details: FailureDetails;

  constructor(message: string, details: FailureDetails = {}) {
    super(message);
    this.details = details;
  }
}

/** The command line itself is wrong. */
export function usageError(message: string, next?: string): CliError {
  return new CliError(message, {
    exitCode: exitCodes.usage,
    code: 'usage',
    ...defined({ next }),
  });
}

/** The person at the terminal said no. */
export function cancelled(): CliError {
  return new CliError('Cancelled, nothing was changed', {
    exitCode: exitCodes.cancelled,
    code: 'cancelled',
  });
}

export function interrupted(): CliError {
  return new CliError('Interrupted', { exitCode: exitCodes.interrupted, code: 'interrupted' });
}
