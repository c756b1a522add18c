import { z } from 'zod';
import { bigIdSchema } from '../../core/big-id.ts';
import type { TemplateConfig } from './template.ts';

/** A template as WhatsApp has it now. */
export interface LiveTemplate {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  /** `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` … */
  readonly status: string;
  /** The placeholders of the body in their order: names, or `1`, `2` … */
  readonly bodyPlaceholders: readonly string[];
  /** Whether the header or a button wants a value too, which our messages do not carry. */
  readonly hasOtherPlaceholders: boolean;
}

export interface TemplateProblem {
  readonly code:
    | 'template_missing'
    | 'language_missing'
    | 'not_approved'
    | 'parameter_count'
    | 'parameter_names'
    | 'unsupported_parts';
  /** What is wrong, in a whole sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Compares what is configured with the live templates of that name; empty when it will do. */
export function lintTemplate(
  config: TemplateConfig,
  live: readonly LiveTemplate[],
): TemplateProblem[] {
  const named = live.filter(({ name }) => name === config.name);
  const template = named.find(({ language }) => language === config.language);
  if (named.length === 0) {
    const message = `There is no template "${config.name}".`;
    const remedy = 'Check the name, or create it in the WhatsApp Manager.';
    return [{ code: 'template_missing', message, remedy }];
  }
  if (template === undefined) {
    const languages = named.map(({ language }) => language).join(', ');
    const message = `Template "${config.name}" is not there in ${config.language}.`;
    const remedy = `Set a language that it is there in: ${languages}.`;
    return [{ code: 'language_missing', message, remedy }];
  }
  return [
    ...lintStatus(template),
    ...lintParameters(config, template),
    ...(template.hasOtherPlaceholders ? [UNSUPPORTED] : []),
  ];
}

/** One element of `GET /{waba_id}/message_templates`. */
export const liveTemplateSchema = z
  .object({
    id: bigIdSchema,
    name: z.string(),
    language: z.string(),
    status: z.string(),
    components: z
      .array(
        z.object({
          type: z.string(),
          text: z.string().optional(),
          buttons: z.array(z.object({ url: z.string().optional() })).optional(),
        }),
      )
      .default([]),
  })
  .transform(({ components, ...rest }): LiveTemplate => {
    const texts = (isBody: boolean) =>
      components
        .filter(({ type }) => (type.toUpperCase() === 'BODY') === isBody)
        .flatMap(({ text, buttons = [] }) => [text, ...buttons.map(({ url }) => url)]);
    return {
      ...rest,
      bodyPlaceholders: placeholdersIn(texts(true)),
      hasOtherPlaceholders: placeholdersIn(texts(false)).length > 0,
    };
  });

const UNSUPPORTED: TemplateProblem = {
  code: 'unsupported_parts',
  message: 'The template wants a value in its header or a button; only its body is filled here.',
  remedy: 'Choose a template without such values.',
};

function lintStatus({ name, status }: LiveTemplate): TemplateProblem[] {
  if (status === 'APPROVED') return [];
  const message = `Template "${name}" is ${status}, and only an approved one is sent.`;
  const remedy = 'See the WhatsApp Manager for the reason, or set another template.';
  return [{ code: 'not_approved', message, remedy }];
}

function lintParameters(config: TemplateConfig, template: LiveTemplate): TemplateProblem[] {
  const wanted = template.bodyPlaceholders;
  if (config.parameters.length !== wanted.length) {
    const message = `Template "${template.name}" takes ${wanted.length} parameters (${wanted.join(', ')}), ${config.parameters.length} are configured.`;
    const remedy = `Set whatsapp.template.parameters to ${wanted.length} lead fields.`;
    return [{ code: 'parameter_count', message, remedy }];
  }
  const given = config.parameters.map((one) => ('name' in one ? one.name : undefined));
  const named = given.filter((name) => name !== undefined);
  const byPosition = wanted.every((name) => /^\d+$/.test(name));
  const fits = byPosition ? named.length === 0 : wanted.every((name) => given.includes(name));
  if (fits) return [];
  const message = `Template "${template.name}" has its parameters by ${byPosition ? 'position' : 'name'}.`;
  const remedy = byPosition ? 'Leave the names out.' : `Name them ${wanted.join(', ')}.`;
  return [{ code: 'parameter_names', message, remedy }];
}

function placeholdersIn(texts: readonly (string | undefined)[]): string[] {
  const found = texts.flatMap((text) =>
    Array.from((text ?? '').matchAll(/\{\{\s*(\w+)\s*\}\}/g), (match) => match[1] ?? ''),
  );
  return [...new Set(found)];
}
