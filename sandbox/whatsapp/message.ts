import { z } from 'zod';

const parameter = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  parameter_name: z.string().optional(),
});
export type Parameter = z.output<typeof parameter>;

const template = z.looseObject({
  name: z.string().optional(),
  language: z.looseObject({ code: z.string() }).optional(),
  components: z
    .array(z.looseObject({ type: z.string(), parameters: z.array(parameter).optional() }))
    .optional(),
});
export type TemplateMessage = z.output<typeof template>;

/** A message as it is posted; what may be missing is complained about in WhatsApp's own words later. */
export const messageSchema = z.looseObject({
  messaging_product: z.string().optional(),
  recipient_type: z.string().optional(),
  to: z.string().optional(),
  type: z.string().optional(),
  template: template.optional(),
  text: z.looseObject({ body: z.string() }).optional(),
  biz_opaque_callback_data: z.string().optional(),
});
export type Message = z.output<typeof messageSchema>;

/** The body component's parameters. */
export function bodyParameters(message: TemplateMessage): readonly Parameter[] {
  const body = message.components?.find(({ type }) => type.toLowerCase() === 'body');
  return body?.parameters ?? [];
}
