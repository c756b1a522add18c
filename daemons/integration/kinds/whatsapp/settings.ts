import { z } from 'zod';
import { templateConfigSchema } from '../../../../lib/providers/whatsapp/template.ts';

const E164 = /^\+[1-9]\d{6,14}$/;

export const whatsAppSettings = z.strictObject({
  phone_number_id: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .describe('Id of the number that messages go out from, as Meta shows it'),
  waba_id: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('WhatsApp Business account that has the template; only checks need it'),
  recipient: z
    .union([
      z.enum(['lead', 'assignee']),
      z
        .string()
        .regex(E164, { message: 'must be lead, assignee or a number such as +4915112345678' }),
    ])
    .default('lead')
    .describe('Who is written to: the lead, whoever works on it, or one number'),
  template: templateConfigSchema.describe('The approved template and what is put into it'),
});
export type WhatsAppSettings = z.output<typeof whatsAppSettings>;

export const accessToken = z.string().trim().min(1).max(4_000);
