import { z } from 'zod';

/** An e-mail as an account's name: trimmed and lower-cased, so that one address has one spelling. */
export const accountEmail = z
  .string()
  .max(1_000)
  .trim()
  .toLowerCase()
  .pipe(z.email({ message: 'must be an e-mail address' }).max(320))
  .meta({ format: 'email', maxLength: 320, pattern: z.regexes.email.source });
