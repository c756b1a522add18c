import { defined } from '../../core/defined.ts';
import { z } from 'zod';

/** A lead's fields by name, as far as it has them. */
export type LeadFields = Readonly<Record<string, string | null | undefined>>;

export interface BodyParameter {
  readonly type: 'text';
  readonly text: string;
  /** Only for templates with named parameters. */
  readonly parameter_name?: string;
}

const fieldSchema = z.string().min(1);

const namedOrPlacedSchema = z.strictObject({
  /** The lead's field, or several of which the first that is filled counts. */
  field: z.union([fieldSchema, z.array(fieldSchema).nonempty()]),
  /** The template's own name for it, when its parameters are named. */
  name: z
    .string()
    .regex(/^[a-z0-9_]+$/)
    .optional(),
  /** In place of a field that the lead does not have. */
  fallback: z.string().optional(),
});

/** One template parameter: the name of a lead's field, or more about it. In the body's order. */
const templateParameterSchema = z
  .union([fieldSchema.transform((field) => ({ field })), namedOrPlacedSchema])
  // Whoever compares settings has to know that both ways of writing it are the same.
  .meta({ 'x-shorthand': 'field' });

const HAS_NAME = { type: 'object', required: ['name'] };

/** How a client's messages are made: `config.whatsapp.template`. */
export const templateConfigSchema = z.strictObject({
  name: z.string().min(1),
  /** `en_US` */
  language: z.string().min(2),
  parameters: z
    .array(templateParameterSchema)
    .refine((all) => new Set(all.map((one) => nameOf(one) === undefined)).size <= 1, {
      error: 'Give every parameter a name, or none: a template is by name or by position.',
    })
    .meta({ anyOf: [{ items: HAS_NAME }, { items: { not: HAS_NAME } }] })
    // Not `default`: one of the output cannot be told in the document of the input.
    .prefault([]),
});

export type TemplateParameter = z.output<typeof templateParameterSchema>;
export type TemplateConfig = z.output<typeof templateConfigSchema>;

// WhatsApp refuses an empty parameter, so one without a fallback still says something.
const LAST_FALLBACK = '-';
const MAX_CHARACTERS = 1_024;

/** The body's parameters for one lead; none is ever empty. */
export function buildParameters(
  parameters: readonly TemplateParameter[],
  lead: LeadFields,
): BodyParameter[] {
  return parameters.map((parameter) => {
    const candidates = [...fieldsOf(parameter).map((field) => lead[field]), fallbackOf(parameter)];
    const text = candidates.map((value) => cleanText(value ?? '')).find((value) => value !== '');
    const name = nameOf(parameter);
    return {
      type: 'text',
      text: text ?? LAST_FALLBACK,
      ...defined({ parameter_name: name }),
    };
  });
}

/**
 * A text as a parameter may hold it: no newline, tab or control character, no run of spaces, at
 * most 1024 characters. Empty when nothing visible is left.
 */
export function cleanText(text: string): string {
  const characters = Array.from(text.replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim());
  if (!characters.some((character) => !/^[\p{Cf}\s]$/u.test(character))) return '';
  if (characters.length <= MAX_CHARACTERS) return characters.join('');
  return `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`;
}

function fieldsOf({ field }: TemplateParameter): readonly string[] {
  return typeof field === 'string' ? [field] : field;
}

function nameOf(parameter: TemplateParameter): string | undefined {
  return 'name' in parameter ? parameter.name : undefined;
}

function fallbackOf(parameter: TemplateParameter): string | undefined {
  return 'fallback' in parameter ? parameter.fallback : undefined;
}
