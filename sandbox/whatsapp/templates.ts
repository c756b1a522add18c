import { createBoundedMap } from '../bounded.ts';

export const TEMPLATE_STATUSES = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'] as const;
export type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly status: TemplateStatus;
  readonly category: string;
  /** The body's text with `{{1}}` or `{{name}}` where parameters go. */
  readonly body: string;
}

export type NewTemplate = Omit<Template, 'id'>;

/**
 * Message templates. While none was registered every name is accepted with any parameters, so that a
 * demonstration needs no set-up; from the first registered one on, only those exist.
 */
export interface Templates {
  register(template: NewTemplate): Template;
  isGenerous(): boolean;
  find(name: string, language: string): Template | undefined;
  /** By name, or all of them; in generous mode an unknown name gets a plausible template. */
  list(name: string | undefined): Template[];
  /** Notes how a name was used while anything goes, so that `list` can tell. */
  learn(name: string, language: string, parameters: readonly (string | undefined)[]): void;
  clear(): void;
}

const MOST_TEMPLATES = 1_000;

export function createTemplates(deps: { newId: () => string }): Templates {
  const registered = createBoundedMap<Template>(MOST_TEMPLATES);
  const learned = createBoundedMap<Template>(MOST_TEMPLATES);
  const isGenerous = () => registered.values().length === 0;

  function plausible(name: string, language: string, body: string): Template {
    return { id: deps.newId(), name, language, status: 'APPROVED', category: 'UTILITY', body };
  }

  return {
    register(template) {
      const made = { ...template, id: deps.newId() };
      registered.set(keyOf(made.name, made.language), made);
      return made;
    },
    isGenerous,
    find: (name, language) => registered.get(keyOf(name, language)),
    list(name) {
      const known = isGenerous() ? learned : registered;
      const all = known.values().filter((template) => name === undefined || template.name === name);
      if (all.length > 0 || name === undefined || !isGenerous()) return all;
      return ['en_US', 'en'].map((language) => plausible(name, language, 'New lead: {{1}}'));
    },
    learn(name, language, parameters) {
      const body = parameters.map((given, index) => `{{${given ?? index + 1}}}`).join(' ');
      learned.set(keyOf(name, language), plausible(name, language, body));
    },
    clear() {
      registered.clear();
      learned.clear();
    },
  };
}

function keyOf(name: string, language: string): string {
  return `${name}|${language}`;
}

/** The names of a body's placeholders, each once, in order: `1`, `2` or `first_name`. */
export function placeholders(body: string): string[] {
  return [...new Set([...body.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? ''))];
}

/** A template as the management API lists it. */
export function presentTemplate(template: Template): unknown {
  const names = placeholders(template.body);
  const isNamed = names.some((name) => !/^\d+$/.test(name));
  return {
    id: template.id,
    name: template.name,
    language: template.language,
    status: template.status,
    category: template.category,
    parameter_format: isNamed ? 'NAMED' : 'POSITIONAL',
    components: [{ type: 'BODY', text: template.body, ...example(names, isNamed) }],
  };
}

function example(names: readonly string[], isNamed: boolean): object {
  if (names.length === 0) return {};
  const named = names.map((name) => ({ param_name: name, example: 'Ada' }));
  return {
    example: isNamed ? { body_text_named_params: named } : { body_text: [names.map(() => 'Ada')] },
  };
}
