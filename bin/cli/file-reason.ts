const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or directory.',
  EACCES: 'It may not be read.',
  EISDIR: 'It is a directory.',
};

/** Why a file could not be read, without the words of a system call. */
export function fileReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = Reflect.get(error, 'code');
  return (typeof code === 'string' ? REASONS[code] : undefined) ?? error.message;
}
