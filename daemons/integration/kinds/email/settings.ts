import { z } from 'zod';

const MOST_RECIPIENTS = 10;

/** Two of a lead's people, by what they are to it. */
export const ROLES = ['assignee', 'manager'] as const;

const address = z.email({ message: 'must be assignee, manager or an e-mail address' }).max(254);

export const emailSettings = z.strictObject({
  to: z
    .array(z.union([z.enum(ROLES), address]))
    .min(1)
    .max(MOST_RECIPIENTS)
    .describe(
      'Who gets the mail: the one who works on the lead, the one whom that person reports to, or an address',
    )
    .meta({ examples: [['assignee', 'sales@example.com']] }),
  subject: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, { message: 'must be one line' })
    .optional()
    .describe('Subject; {name}, {product} and every other field of the lead can stand in it')
    .meta({ default: 'New lead: {name}' }),
});
export type EmailSettings = z.output<typeof emailSettings>;
