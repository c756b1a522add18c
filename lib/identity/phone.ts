import { z } from 'zod';

/** The number of somebody with an account, in E.164, so that one number has one spelling. */
export const accountPhone = z
  .string()
  .trim()
  .regex(/^\+[1-9]\d{6,14}$/, {
    message: 'must be a phone number with its country’s code, such as +4915112345678',
  });
