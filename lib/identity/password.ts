import { z } from 'zod';

const SHORTEST_PASSWORD = 10;
/** bcrypt reads no further; it would take any ending of a longer one for the right one. */
const MOST_PASSWORD_BYTES = 72;

/** bcrypt stops at a NUL in some builds, and a lone surrogate has no UTF-8 of its own. */
export function canBeHashed(password: string): boolean {
  return (
    Buffer.byteLength(password) <= MOST_PASSWORD_BYTES &&
    !password.includes('\0') &&
    password.isWellFormed()
  );
}

/** A password that somebody chooses. */
export const newPassword = z
  .string()
  .min(SHORTEST_PASSWORD, { message: `must have at least ${SHORTEST_PASSWORD} characters` })
  .refine((password) => Buffer.byteLength(password) <= MOST_PASSWORD_BYTES, {
    message: `must have at most ${MOST_PASSWORD_BYTES} bytes in UTF-8`,
  })
  .refine((password) => !password.includes('\0') && password.isWellFormed(), {
    message: 'must be text without NUL characters',
  })
  .meta({
    description: `At most ${MOST_PASSWORD_BYTES} bytes in UTF-8`,
    // JSON Schema counts characters; of those one has a byte to four.
    anyOf: [
      { maxLength: MOST_PASSWORD_BYTES, pattern: String.raw`^[\u0001-\u007f]*$` },
      { maxLength: MOST_PASSWORD_BYTES / 2, pattern: String.raw`^[\u0001-\u07ff]*$` },
      { maxLength: MOST_PASSWORD_BYTES / 4, pattern: String.raw`^[^\u0000]*$` },
    ],
  });
