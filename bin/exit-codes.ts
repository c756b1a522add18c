/** What the shell is told; documented in `leadctl --help` and relied on by scripts. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  denied: 4,
  notFound: 5,
  conflict: 6,
  partly: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * The exit code for an HTTP status. A body that the server refuses (400, 422) is a failure, not a usage
 * error: 2 means that the command line itself could not be understood.
 */
export function exitCodeForStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.denied;
  if (status === 404) return exitCodes.notFound;
  if (status === 409) return exitCodes.conflict;
  return exitCodes.failed;
}
